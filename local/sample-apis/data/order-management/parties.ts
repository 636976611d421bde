import { type Row, table } from "../../dice.ts";
import { CITIES, COLOURS, COUNTRIES, CURRENCIES, company, LOCALES, person, phone } from "../../vocabulary.ts";

/** Parties of an order, and the small tables about them. */
export const tagTable = (): Row[] =>
  table("order_management.tags", 1, 40, (id, roll) => ({
    id,
    name: roll.maybe(`${roll.pick(["VIP", "Großkunde", "fragile", "B2B", "reorder", "夏"])} ${id}`, 0.05),
    colour: roll.maybe(roll.pick(COLOURS)),
    taggings_count: roll.maybe(roll.int(0, 500)),
  }));

/** Served as `/v1/channels`: the API calls stores channels. */
export const storeTable = (): Row[] =>
  table("order_management.stores", 11, 8, (id, roll) => ({
    id,
    name: roll.maybe(`Store ${roll.pick(CITIES)}`, 0.05),
    channel_type: roll.maybe(roll.pick(["online", "pop-up", "wholesale"])),
    url: roll.maybe(`https://store-${id}.example.com`),
    currency_code: roll.maybe(roll.pick(CURRENCIES)),
    is_active: roll.maybe(roll.chance(0.8)),
    created_at: roll.maybe(roll.instant("2022-01-01", "2025-01-01")),
  }));

/** One object, whatever page is requested; two of its keys end in a question mark. */
export const companyRecord = (): Row => ({
  id: 4711,
  name: "Blåbær & Töchter",
  legal_name: "Blåbær & Töchter Handels-GmbH",
  currency_code: "EUR",
  country: "DE",
  time_zone: "Europe/Berlin",
  vat_number: null,
  "trialing?": false,
  "app_store_referral?": true,
  users_count: 14,
  created_at: "2021-03-28T01:59:59+01:00",
});

export const customerTable = (tags: Row[]): Row[] =>
  table("order_management.customers", 60_001, 260, (id, roll) => {
    const { first_name, last_name, email } = person(roll);
    return {
      id,
      first_name: roll.maybe(first_name, 0.05),
      last_name: roll.maybe(last_name, 0.05),
      company_name: roll.maybe(company(roll), 0.6),
      email: roll.maybe(email, 0.1),
      phone: roll.maybe(phone(roll), 0.4),
      country: roll.maybe(roll.pick(COUNTRIES)),
      locale: roll.maybe(roll.pick(LOCALES), 0.3),
      accepts_marketing: roll.maybe(roll.chance(0.3)),
      orders_count: roll.maybe(roll.int(0, 40)),
      total_spent: roll.maybe(roll.money(0, 20_000)),
      tags: roll.maybe(roll.chance(0.3) ? [roll.pick(tags)] : [], 0.1),
      created_at: roll.maybe(roll.instant("2023-01-01", "2025-06-01"), 0.05),
      updated_at: roll.maybe(roll.instant("2025-06-01", "2026-10-01"), 0.05),
    };
  });

export const supplierTable = (): Row[] =>
  table("order_management.suppliers", 301, 30, (id, roll) => ({
    id,
    name: roll.maybe(company(roll), 0.1),
    contact_name: roll.maybe(person(roll).full_name, 0.3),
    email: roll.maybe(`sales${id}@example.com`),
    phone: roll.maybe(phone(roll), 0.3),
    city: roll.maybe(roll.pick(CITIES)),
    country: roll.maybe(roll.pick(COUNTRIES)),
    currency_code: roll.maybe(roll.pick(CURRENCIES)),
    lead_time_days: roll.maybe(roll.int(1, 60), 0.3),
    created_at: roll.maybe(roll.instant("2022-01-01", "2025-06-01")),
  }));

export const warehouseTable = (): Row[] =>
  table("order_management.warehouses", 21, 6, (id, roll) => ({
    id,
    name: roll.maybe(`Lager ${roll.pick(["Nord", "Süd", "Ost"])}`),
    city: roll.maybe(roll.pick(CITIES)),
    region: roll.maybe(roll.pick(["Skåne", "Bayern", "Île-de-France"]), 0.4),
    country: roll.maybe(roll.pick(COUNTRIES)),
    // A string, so that the leading zero is kept.
    post_code: roll.maybe(`0${roll.digits(4)}`),
    click_and_collect_enabled: roll.maybe(roll.chance(0.5)),
  }));

/** `cost` is a string here, while an order's `delivery_cost` is a number. */
export const deliveryMethodTable = (): Row[] =>
  table("order_management.delivery_methods", 1, 12, (id, roll) => ({
    id,
    name: roll.maybe(`${roll.pick(["Standard", "Express", "Päckchen", "Pick-up"])} ${id}`),
    cost: roll.maybe(roll.money(0, 40)),
  }));
