import { type Dice, type Row, table } from "../dice.ts";
import type { Route, SampleSource } from "../sample-source.ts";
import { CITIES, COUNTRIES, company, NOTES, phone, sku } from "../vocabulary.ts";

/** Stock levels, items, customers and orders, paginated by offset; every response includes the `total` of its rows. */
export const stockAnalytics = (): SampleSource => {
  const items = itemTable();
  const tables = {
    stock_summaries: summaryTable(items),
    customers: customerTable(),
    items,
    stock_details: detailTable(),
    inventory: inventoryTable(items),
    orders: orderTable(),
  };

  return {
    key_location: "query",
    paging: { by: "offset", size: 100, size_param: "limit" },
    tables,
    routes: Object.entries(tables).map(([name, rows]) => route(name, rows)),
    faults: [
      { path: "/v1/stock_details", page: 3, status: 500 },
      { path: "/v1/orders", page: 2, status: 429, retry_after: 2 },
    ],
  };
};

const route = (name: string, rows: Row[]): Route => ({
  path: `/v1/${name}`,
  find: () => rows,
  envelope: (data, { offset, size, total }) => ({ data, total, offset, limit: size }),
  ...(name === "orders" && { since: { param: "last_modified_date_min", field: "last_modified_date" } }),
});

/** 2^53 + 1, which a double cannot represent; the largest bigint, which a double rounds up to 2^63; and a negative one. */
const EDGES = [9_007_199_254_740_993n, 9_223_372_036_854_775_807n, -9_007_199_254_740_993n];

/** 300 rows: three full pages, so the table ends at the end of a page. */
function itemTable(): Row[] {
  return table("stock_analytics.items", 1_001, 300, (id, roll, index) => ({
    id,
    sku: roll.maybe(sku(roll), 0.05),
    upc: roll.maybe(`0${roll.digits(11)}`, 0.2),
    description: roll.maybe(roll.pick(NOTES), 0.3),
    cost: roll.maybe(roll.number(1, 300)),
    price: roll.maybe(roll.number(2, 900)),
    kit: roll.maybe(kit(roll), 0.8),
    // All of them exceed a JavaScript number's precision: a parser that is not exact loses digits.
    external_id: EDGES[index] ?? roll.maybe(9_007_199_254_740_993n + BigInt(roll.digits(15)), 0.1),
  }));
}

const kit = (roll: Dice): Row =>
  roll.chance(0.5)
    ? { kind: "fixed", components: [{ item_id: roll.int(1_001, 1_200), quantity: roll.int(1, 4) }] }
    : { kind: "choice", choose: roll.int(1, 2), options: [roll.int(1_001, 1_200), roll.int(1_001, 1_200)] };

function summaryTable(items: Row[]): Row[] {
  return table("stock_analytics.stock_summaries", 1, 280, (id, roll, index) => {
    const on_hand = quantity(roll);
    const allocated = roll.int(0, Math.floor(on_hand / 2));
    const on_hold = roll.int(0, Math.floor(on_hand / 4));
    return {
      id,
      facility_id: roll.int(1, 5),
      item: { sku: items[index]?.sku ?? `NONE-${id}`, id: items[index]?.id },
      total_received: round(on_hand + roll.int(0, 500)),
      allocated,
      available: round(on_hand - allocated - on_hold),
      on_hold,
      on_hand,
    };
  });
}

function customerTable(): Row[] {
  return table("stock_analytics.customers", 70_001, 220, (id, roll) => ({
    id,
    name: roll.maybe(company(roll), 0.05),
    email: roll.maybe(`buyer${id}@example.com`),
    phone: roll.maybe(phone(roll), 0.4),
    city: roll.maybe(roll.pick(CITIES)),
    country: roll.maybe(roll.pick(COUNTRIES)),
    is_active: roll.maybe(roll.chance(0.9), 0.05),
    created_at: roll.maybe(roll.instant("2023-01-01", "2026-10-01"), 0.05),
  }));
}

function detailTable(): Row[] {
  return table("stock_analytics.stock_details", 30_001, 450, (id, roll) => {
    const on_hand = quantity(roll);
    return {
      id,
      lot_number: roll.maybe(`L${roll.digits(6)}`, 0.3),
      serial_number: roll.maybe(`SN-${roll.digits(9)}`, 0.6),
      received: round(on_hand + roll.int(0, 90)),
      available: roll.chance(0.7) ? on_hand : 0,
      on_hand,
      is_on_hold: roll.chance(0.1),
      quarantined: roll.chance(0.05),
      expiration_date: roll.maybe(roll.date("2026-12-01", "2029-01-01"), 0.6),
      received_date: roll.date("2024-01-01", "2026-10-01"),
      supplier: { id: roll.maybe(roll.int(1, 40), 0.1), name: roll.maybe(company(roll), 0.1) },
      location: {
        id: roll.maybe(roll.int(1, 300), 0.05),
        name: roll.maybe(roll.pick(["Rampe 1", "Kühlraum", "Étage 2"]), 0.1),
        aisle: roll.maybe(roll.pick(["A", "B", "Ö"]), 0.3),
      },
    };
  });
}

function inventoryTable(items: Row[]): Row[] {
  return table("stock_analytics.inventory", 50_001, 360, (id, roll) => ({
    id,
    name: roll.maybe(roll.pick(["Bestand", "Réserve", "Transit"]), 0.1),
    quantity: roll.maybe(quantity(roll), 0.05),
    facility_id: roll.maybe(roll.int(1, 5), 0.05),
    item_id: roll.maybe(roll.pick(items).id, 0.05),
    bin: roll.maybe(`${roll.int(1, 40)}/${roll.int(1, 9)}`, 0.3),
    counted_at: roll.maybe(roll.instant("2025-01-01", "2026-10-01"), 0.2),
  }));
}

function orderTable(): Row[] {
  return table("stock_analytics.orders", 880_001, 250, (id, roll) => ({
    id,
    number: roll.maybe(`SO-${id}`, 0.05),
    status: roll.maybe(roll.pick(["open", "picked", "shipped", "closed"]), 0.05),
    customer_id: roll.maybe(roll.int(70_001, 70_220), 0.1),
    facility_id: roll.maybe(roll.int(1, 5), 0.1),
    total: roll.maybe(roll.money(10, 9_000), 0.1),
    lines: roll.maybe([{ item_id: roll.int(1_001, 1_300), quantity: roll.int(1, 9) }], 0.1),
    creation_date: roll.instant("2024-01-01", "2025-12-01"),
    last_modified_date: roll.instant("2025-12-01", "2026-10-01"),
  }));
}

/** Quantities: most are integers, some are weights, so one column has both `12` and `12.375`. */
const quantity = (roll: Dice): number => (roll.chance(0.8) ? roll.int(0, 900) : roll.number(0, 90, 3));

const round = (value: number): number => Number(value.toFixed(3));
