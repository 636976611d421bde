import { table } from "../dice.ts";
import type { SampleSource } from "../sample-source.ts";
import { sku, thing } from "../vocabulary.ts";

/** One list of inventory items. The response has no total: only an empty page marks the end. */
export const inventoryManagement = (): SampleSource => {
  const items = table("inventory_management.inventory_items", 1, 350, (id, roll) => ({
    id,
    name: thing(roll),
    quantity: roll.int(0, 2_500),
    sku: roll.maybe(sku(roll), 0.05),
    category: roll.maybe(roll.pick(["furniture", "tools", "outdoor", "papier & büro"])),
    unit: roll.maybe(roll.pick(["piece", "box", "m²"])),
    unitPrice: roll.maybe(roll.money(0.5, 900), 0.1),
    weight_kg: roll.maybe(roll.number(0.05, 40, 3), 0.3),
    // camelCase among snake_case, as in an API with several authors.
    reorderPoint: roll.maybe(roll.int(0, 200), 0.2),
    is_active: roll.maybe(roll.chance(0.9), 0.05),
    warehouse: roll.maybe(
      {
        code: roll.maybe(roll.pick(["NORD", "SÜD", "WEST"])),
        bin: roll.maybe(`${roll.int(1, 40)}-${roll.int(1, 9)}`),
      },
      0.1,
    ),
    labels: roll.maybe(["fragile", "heavy", "neu ✨"].slice(0, roll.int(0, 3)), 0.3),
    expires_on: roll.maybe(roll.date("2026-12-01", "2029-01-01"), 0.7),
    lastCountedAt: roll.maybe(roll.instant("2025-01-01", "2026-10-01"), 0.2),
  }));

  return {
    key_location: "query",
    paging: { by: "offset", size: 100, size_param: "limit" },
    tables: { inventory_items: items },
    routes: [{ path: "/v1/inventory", find: () => items, envelope: (data) => ({ data }) }],
    faults: [
      { path: "/v1/inventory", page: 2, status: 503 },
      { path: "/v1/inventory", page: 4, status: 429, retry_after: 2 },
    ],
  };
};
