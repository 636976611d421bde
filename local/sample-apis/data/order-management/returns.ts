import { dice, type Row } from "../../dice.ts";
import { person } from "../../vocabulary.ts";

/** Index of the order whose returns take two pages of 25. */
const MANY = { order: 42, returns: 27 };

/** Returns the returns of every order, by the order's id as it appears in the path; most orders have none. */
export function returnTable(orders: Row[]): Map<string, Row[]> {
  const roll = dice("order_management.returns");
  let id = 8_001;
  return new Map(
    orders.map((order, at) => {
      const count = at === MANY.order ? MANY.returns : roll.chance(0.25) ? roll.int(1, 2) : 0;
      const returns = Array.from({ length: count }, (_, nth) => ({
        id: id++,
        type: roll.maybe(roll.pick(["refund", "exchange", "warranty"])),
        number: roll.maybe(`R-${order.id}-${nth + 1}`, 0.05),
        status: roll.maybe(roll.pick(["announced", "received", "inspected", "closed"])),
        created_at: roll.maybe(roll.instant("2026-01-01", "2026-10-01"), 0.1),
        user: roll.maybe({ id: roll.int(1, 14), name: roll.maybe(person(roll).full_name) }, 0.3),
        line_items: roll.maybe(
          (order.line_items as Row[])
            .slice(0, 1)
            .map((line) => ({ id: line.id, quantity: 1, reason: roll.maybe("zu groß", 0.4) })),
          0.1,
        ),
      }));
      return [String(order.id), returns];
    }),
  );
}
