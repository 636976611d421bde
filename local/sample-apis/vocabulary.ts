/** Vocabulary of the sample data. People, companies and goods are fictitious; all addresses are at example.com. */
import type { Dice } from "./dice.ts";

const FIRST_NAMES = [
  "Ada",
  "Zoë",
  "José",
  "Ngozi",
  "Łucja",
  "Søren",
  "Aylin",
  "陽菜",
  "Дарья",
  "Màiri",
  "Tomás",
  "Priya",
];
const LAST_NAMES = [
  "Müllerson",
  "Ångberg",
  "d’Arcy",
  "Okafor-Lind",
  "Núñezov",
  "Çelikay",
  "O’Brannagh",
  "山野辺",
  "Țurcanu",
];
const GOODS = ["Desk lamp", "Café table", "Cordless drill", "Field camera", "Rain jacket", "Flask 1 ℓ", "Notebook A5"];
const KINDS = ["oak", "matte", "größe M", "naïve blue", "No. 7", "2-pack", "recycled", "½ inch", "spare"];
const FIRMS = ["Nordholz", "Étoile & Fils", "Blåbær", "Kōen", "Three Rivers", "Grün-Werk", "São Bento"];
const FORMS = ["GmbH", "Ltd", "AB", "S.A.", "K.K.", "Inc"];

export const CITIES = ["Malmö", "Köln", "Łódź", "São Paulo", "Nîmes", "Leeds", "大阪", "Reykjavík", "Oslo"] as const;
export const COUNTRIES = ["SE", "DE", "PL", "BR", "FR", "GB", "JP", "IS", "NO"] as const;
export const CURRENCIES = ["EUR", "USD", "GBP", "SEK", "JPY"] as const;
export const LOCALES = ["de-DE", "en-GB", "fr-FR", "ja-JP", "sv-SE"] as const;
export const COLOURS = ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd"] as const;
/** Notes with line breaks, quotes, an emoji and U+2028: they break NDJSON that is not written by a serializer. */
export const NOTES = [
  "Leave with the neighbour.\nRing twice.",
  'Says "urgent", is not.',
  "Gift 🎁 for a colleague",
  "Backslash \\ and tab\there",
  "Separated\u2028by U+2028",
  "Bitte vor 12 Uhr liefern",
] as const;

/** Returns a person's names and email address. */
export const person = (roll: Dice): { first_name: string; last_name: string; full_name: string; email: string } => {
  const first_name = roll.pick(FIRST_NAMES);
  const last_name = roll.pick(LAST_NAMES);
  return {
    first_name,
    last_name,
    full_name: `${first_name} ${last_name}`,
    email: `user${roll.int(100, 9999)}@example.com`,
  };
};

/** Returns the name of an article, such as `Café table, oak`. */
export const thing = (roll: Dice): string => `${roll.pick(GOODS)}, ${roll.pick(KINDS)}`;

/** Returns a company's name, such as `Grün-Werk GmbH`. */
export const company = (roll: Dice): string => `${roll.pick(FIRMS)} ${roll.pick(FORMS)}`;

/** Returns a telephone number from the block that is reserved for fiction. */
export const phone = (roll: Dice): string => `+1-202-555-01${roll.int(10, 99)}`;

/** Returns a stock keeping unit, such as `KX-04711`. */
export const sku = (roll: Dice): string => `${roll.pick(["KX", "LT", "WD", "ZÜ"])}-${roll.digits(5)}`;
