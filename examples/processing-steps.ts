/** What becomes of each row, in order: some are left out, some are changed, some become several. */
import { defineSource, type Row } from "../lib/config/index.ts";

const isPublished = (row: Row) => row.published_on !== null;

const withYear = ({ published_on, ...row }: Row) => ({ ...row, year: Number(published_on.slice(0, 4)) });

/** A row for each of the formats that a book is sold in. */
const perFormat = ({ prices, ...row }: Row) => prices.map((price: Row) => ({ ...row, ...price }));

export const source = defineSource({
  name: "example_processing_steps",
  client: { base_url: "https://api.example.com" },
  resources: [
    {
      name: "editions",
      primary_key: ["id", "format"],
      processing_steps: [{ filter: isPublished }, { map: withYear }, { yield_map: perFormat }],
      endpoint: { path: "books", data_selector: "data" },
    },
  ],
});
