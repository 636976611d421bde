import { type Dice, type Row, table } from "../../dice.ts";
import { COUNTRIES, NOTES, sku, thing } from "../../vocabulary.ts";

/** Products: 300 rows in twelve full pages of 25, so only the empty page 13 marks the end. */
export const productTable = ({ tags, suppliers }: { tags: Row[]; suppliers: Row[] }): Row[] =>
  table("order_management.products", 40_001, 300, (id, roll) => {
    const title = thing(roll);
    const cost = roll.number(1, 400);
    return {
      id,
      title: roll.maybe(title, 0.05),
      description: roll.maybe(roll.pick(NOTES), 0.4),
      status: roll.maybe(roll.pick(["active", "draft", "discontinued"]), 0.05),
      product_type: roll.maybe(roll.pick(["simple", "variant", "bundle"])),
      collection: roll.maybe(roll.pick(["Frühling", "Été", "Basics"]), 0.4),
      weight: roll.maybe(roll.number(0.01, 30, 3), 0.2),
      weight_unit: roll.maybe(roll.pick(["kg", "g", "lb"])),
      tax_rate: roll.maybe(roll.pick([0, 7, 19, 20, 5.5])),
      tax_code: roll.maybe(`T${roll.digits(2)}`, 0.3),
      hs_code: roll.maybe(roll.digits(8), 0.3),
      country_of_origin: roll.maybe(roll.pick(COUNTRIES), 0.2),
      barcode: roll.maybe(`0${roll.digits(12)}`, 0.2),
      total_stock_level: roll.maybe(roll.int(-5, 900), 0.05),
      reorder_level: roll.maybe(roll.int(0, 60), 0.3),
      lead_time_days: roll.maybe(roll.int(1, 60), 0.4),
      requires_review: roll.maybe(roll.chance(0.1)),
      is_bundle: roll.maybe(roll.chance(0.1)),
      is_archived: roll.maybe(roll.chance(0.05)),
      cost_price: roll.maybe(cost, 0.1),
      retail_price: roll.maybe(Number((cost * 1.8).toFixed(2)), 0.05),
      compare_at_price: roll.maybe(Number((cost * 2.1).toFixed(2)), 0.7),
      currency_code: roll.maybe("EUR", 0.05),
      image_url: roll.maybe(`https://img.example.com/${id}.webp`, 0.2),
      supplier_id: roll.maybe(roll.pick(suppliers).id, 0.1),
      inventory: roll.maybe({ infinite: roll.maybe(roll.chance(0.05), 0.1) }, 0.1),
      tags: roll.maybe(roll.chance(0.4) ? [roll.pick(tags)] : [], 0.1),
      sellables: roll.maybe(sellables(id, title, cost, roll), 0.1),
      created_at: roll.maybe(roll.instant("2023-01-01", "2025-06-01"), 0.05),
      updated_at: roll.instant("2025-06-01", "2026-10-01"),
    };
  });

const sellables = (id: number, title: string, cost: number, roll: Dice): Row[] =>
  Array.from({ length: roll.int(1, 3) }, (_, at) => ({
    id: id * 10 + at,
    sku_code: sku(roll),
    title: roll.maybe(`${title} (${at + 1})`),
    price: roll.maybe(Number((cost * 1.8 + at).toFixed(2))),
    stock_level: roll.maybe(roll.int(0, 300)),
  }));
