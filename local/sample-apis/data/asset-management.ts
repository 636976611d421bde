import { type Dice, type Row, table } from "../dice.ts";
import type { Route, SampleSource } from "../sample-source.ts";
import { COUNTRIES, NOTES, person, thing } from "../vocabulary.ts";

/** Inventories, assets and members: always 25 rows per page, and 429 with a wait of one minute. */
export const assetManagement = (): SampleSource => {
  const inventories = table("asset_management.inventories", 10_001, 180, (id, roll) => ({
    ...common(id, "INV", roll),
    line_items: roll.maybe(lineItems(roll), 0.3),
  }));
  const assets = table("asset_management.assets", 20_001, 240, (id, roll) => ({
    ...common(id, "AST", roll),
    state: roll.maybe(roll.pick(["available", "checked_out", "in_service", "retired"])),
    assigned_to_user_name: roll.maybe(person(roll).full_name, 0.5),
    checkout_on: roll.maybe(roll.instant("2025-06-01", "2026-10-01"), 0.5),
    purchased_on: roll.maybe(roll.date("2021-01-01", "2026-01-01")),
    depreciated_value: roll.maybe(depreciation(roll), 0.4),
    group: roll.maybe({ depreciation_rates: roll.maybe([roll.int(5, 25), roll.number(1, 9)], 0.3) }),
  }));
  const members = table("asset_management.members", 501, 85, (id, roll) => {
    const { first_name, last_name, full_name, email } = person(roll);
    const role = roll.int(1, 4);
    return {
      id,
      first_name: roll.maybe(first_name, 0.05),
      last_name: roll.maybe(last_name, 0.05),
      full_name: roll.maybe(full_name, 0.05),
      email: roll.maybe(email),
      role_id: roll.maybe(role, 0.1),
      role_name: roll.maybe(["Administrator", "Staff", "Auditor", "Contractor"][role - 1], 0.1),
      status: roll.maybe(roll.int(0, 3), 0.1),
      hourly_rate: roll.maybe(roll.money(14, 95), 0.4),
      ...stamps(roll),
      country: roll.maybe(roll.pick(COUNTRIES), 0.2),
    };
  });

  return {
    key_location: "header",
    paging: { by: "page", size: 25 },
    tables: { inventories, assets, members },
    routes: [
      // The API uses the key "assets" for both lists.
      route("/inventory.api", "assets", inventories),
      route("/assets.api", "assets", assets),
      route("/members.api", "members", members),
    ],
    faults: [
      { path: "/assets.api", page: 2, status: 429, retry_after: 60 },
      { path: "/members.api", page: 2, status: 429, retry_after: 60 },
    ],
  };
};

const route = (path: string, key: string, rows: Row[]): Route => ({
  path,
  find: () => rows,
  envelope: (content, { number, size, total }) => ({
    [key]: content,
    page: number,
    total_pages: Math.ceil(total / size),
  }),
});

function common(id: number, prefix: string, roll: Dice): Row {
  return {
    // The real API identifies these rows by `identifier`; the config uses `id`. This API serves both.
    identifier: `${prefix}-${roll.digits(6)}-${id}`,
    id,
    sequence_num: roll.maybe(id % 10_000),
    name: roll.maybe(thing(roll), 0.05),
    description: roll.maybe(roll.pick(NOTES), 0.5),
    price: roll.maybe(roll.money(3, 4800), 0.1),
    sale_price: roll.maybe(roll.money(3, 5200), 0.6),
    net_quantity: roll.maybe(roll.int(0, 400)),
    location_id: roll.maybe(roll.int(1, 30)),
    group_id: roll.maybe(roll.int(1, 12)),
    vendor_id: roll.maybe(roll.int(1, 40), 0.4),
    tax_free: roll.maybe(roll.chance(0.1)),
    audit_pending: roll.maybe(roll.chance(0.3)),
    ...stamps(roll),
    // Custom fields: users choose the names, with spaces, and some rows do not have them.
    "Contact for Item": roll.maybe(person(roll).full_name, 0.5),
    ...(roll.chance(0.8) ? { "Internal Rating": roll.maybe(roll.pick(["A", "A-", "B+", "C"]), 0.3) } : {}),
    documents: roll.maybe(documents(roll), 0.4),
  };
}

const stamps = (roll: Dice): Row => ({
  created_at: roll.maybe(roll.instant("2023-01-01", "2025-06-01"), 0.1),
  updated_at: roll.maybe(roll.instant("2025-06-01", "2026-10-01"), 0.1),
});

const documents = (roll: Dice): Row[] =>
  Array.from({ length: roll.int(0, 3) }, (_, at) => ({
    file_name: roll.maybe(roll.pick(["Rechnung.pdf", "photo 1.jpg", "保証書.pdf", "manual.pdf"]), 0.1),
    file_url: roll.maybe(`https://files.example.com/${roll.digits(8)}/${at + 1}`, 0.1),
    file_size: roll.maybe(roll.int(900, 4_000_000), 0.2),
  }));

const lineItems = (roll: Dice): Row[] =>
  Array.from({ length: roll.int(0, 4) }, () => ({
    id: roll.maybe(roll.int(1, 99_999), 0.1),
    quantity: roll.maybe(roll.int(1, 60)),
    price: roll.maybe(roll.money(1, 900)),
    location: roll.maybe({ id: roll.int(1, 30), name: `Shelf ${roll.int(1, 80)}` }, 0.3),
  }));

/** Its fields depend on the method, which is why the source keeps the whole object as JSON. */
const depreciation = (roll: Dice): Row =>
  roll.chance(0.5)
    ? { method: "straight_line", value: roll.money(1, 2000), years: roll.int(3, 10) }
    : { method: "declining", value: roll.money(1, 2000), rate: roll.number(0.1, 0.4), floor: roll.maybe("1.00") };
