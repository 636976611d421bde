import { type Dice, type Row, table } from "../../dice.ts";
import { CITIES, COUNTRIES, CURRENCIES, LOCALES, NOTES, person } from "../../vocabulary.ts";

/** Tables that orders refer to. */
export interface OrderContext {
  tags: Row[];
  stores: Row[];
  customers: Row[];
  warehouses: Row[];
  delivery_methods: Row[];
  products: Row[];
}

/** Returns the orders by id. `updated_at` is unordered and has three notations, so a cursor must compare instants. */
export const orderTable = (context: OrderContext): Row[] =>
  table("order_management.orders", 500_101, 240, (id, roll) => {
    const lines = lineItems(id, context.products, roll);
    const created_at = roll.instant("2025-01-01", "2025-12-01");
    const shipped = roll.chance(0.7);
    const method = roll.pick(context.delivery_methods);
    return {
      id,
      updated_at: roll.instant("2026-01-01", "2026-10-01"),
      number: roll.maybe(`O-${id}`, 0.02),
      status: roll.maybe(shipped ? "shipped" : roll.pick(["draft", "open", "cancelled"]), 0.05),
      created_at: roll.maybe(created_at, 0.05),
      shipped_at: shipped ? roll.instant("2025-12-01", "2026-01-01") : null,
      invoiced_at: roll.maybe(roll.instant("2025-12-01", "2026-01-01"), 0.4),
      cancelled_at: roll.maybe(roll.instant("2025-12-01", "2026-01-01"), 0.9),
      due_on: roll.maybe(roll.date("2026-01-01", "2026-03-01"), 0.4),
      ...money(lines, roll),
      with_duties: roll.maybe(roll.chance(0.1)),
      tax_inclusive: roll.maybe(roll.chance(0.6)),
      is_archived: roll.maybe(roll.chance(0.1)),
      is_gift: roll.maybe(roll.chance(0.1)),
      requires_review: roll.maybe(roll.chance(0.1)),
      customer: roll.maybe(customer(context.customers, roll), 0.1),
      channel: roll.maybe(named(roll.pick(context.stores)), 0.1),
      deliver_to: roll.maybe(address(roll)),
      payment: roll.maybe(payment(roll), 0.2),
      assigned_user: roll.maybe({ id: roll.int(1, 14), name: roll.maybe(person(roll).full_name) }, 0.4),
      delivery_method_id: roll.maybe(method.id, 0.1),
      delivery_method_name: roll.maybe(method.name, 0.1),
      warehouse_id: roll.maybe(roll.pick(context.warehouses).id, 0.1),
      channel_order_id: roll.maybe(roll.digits(12), 0.3),
      purchase_order_reference: roll.maybe(`PO ${roll.digits(5)}`, 0.7),
      source_name: roll.maybe(roll.pick(["web", "telephone", "import"])),
      locale: roll.maybe(roll.pick(LOCALES), 0.3),
      shipping_weight: roll.maybe(roll.number(0.1, 40, 3), 0.2),
      parcel_count: roll.maybe(roll.int(1, 4), 0.3),
      tracking_number: shipped ? roll.maybe(`TRK${roll.digits(9)}`) : null,
      tracking_url: shipped ? roll.maybe(`https://track.example.com/?n=${roll.digits(9)}&lang=de`) : null,
      customer_note: roll.maybe(roll.pick(NOTES), 0.6),
      gift_message: roll.maybe(roll.pick(NOTES), 0.9),
      line_items: lines,
      tags: roll.chance(0.3) ? [tag(roll.pick(context.tags))] : [],
      allocations: shipped ? [{ warehouse_id: roll.pick(context.warehouses).id, complete: true }] : [],
      employee_notes: roll.chance(0.2) ? [{ author: person(roll).full_name, text: roll.pick(NOTES) }] : [],
    };
  });

interface Line extends Row {
  quantity: number;
  price_per_unit: number;
}

const lineItems = (id: number, products: Row[], roll: Dice): Line[] =>
  Array.from({ length: roll.int(1, 5) }, (_, at) => {
    const product = roll.pick(products);
    return {
      id: id * 10 + at,
      quantity: roll.int(1, 12),
      price_per_unit: roll.number(1, 400),
      sellable: { id: Number(product.id) * 10, title: product.title },
    };
  });

/** Amounts are numbers here and strings elsewhere. They add up: total = lines - discount + delivery + tax. */
function money(lines: Line[], roll: Dice): Row {
  const cents = (value: number): number => Number(value.toFixed(2));
  const subtotal = cents(lines.reduce((sum, line) => sum + line.quantity * line.price_per_unit, 0));
  const discount = roll.chance(0.2) ? cents(subtotal * 0.1) : 0;
  const delivery = roll.number(0, 40);
  const tax = cents((subtotal - discount) * 0.19);
  const total = cents(subtotal - discount + delivery + tax);
  const paid = roll.chance(0.7) ? total : 0;
  const currency_code = roll.pick(CURRENCIES);
  return {
    currency_code: roll.maybe(currency_code, 0.05),
    exchange_rate: roll.maybe(currency_code === "EUR" ? 1 : roll.number(0.5, 2, 6), 0.2),
    subtotal_price: roll.maybe(subtotal, 0.05),
    total_price: roll.maybe(total, 0.05),
    total_tax: roll.maybe(tax),
    total_discount: roll.maybe(discount),
    delivery_cost: roll.maybe(delivery),
    delivery_tax: roll.maybe(cents(delivery * 0.19), 0.3),
    paid_amount: roll.maybe(paid),
    balance_due: roll.maybe(cents(total - paid)),
  };
}

const customer = (customers: Row[], roll: Dice): Row => {
  const { id, first_name, last_name, email } = roll.pick(customers);
  return { id, name: first_name && last_name ? `${first_name} ${last_name}` : null, email };
};

const named = ({ id, name }: Row): Row => ({ id, name });

const tag = ({ id, name, colour }: Row): Row => ({ id, name, colour });

/** A pick-up point has other fields than an address: the source keeps the object as JSON. */
const address = (roll: Dice): Row =>
  roll.chance(0.2)
    ? { pick_up_point: roll.digits(6), opening_hours: { sat: roll.maybe("9–13") } }
    : {
        name: person(roll).full_name,
        street: `${roll.pick(["Hafenstraße", "Rue de l’Étang", "桜通り"])} ${roll.int(1, 99)}`,
        city: roll.pick(CITIES),
        post_code: roll.digits(5),
        country: roll.maybe(roll.pick(COUNTRIES)),
      };

const payment = (roll: Dice): Row =>
  roll.chance(0.5)
    ? { method: "invoice", days: roll.pick([14, 30]) }
    : { method: "card", last_four: roll.digits(4), captured: roll.chance(0.9) };
