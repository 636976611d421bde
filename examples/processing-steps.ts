/** Processing steps run on every row, in order: the first one filters rows, the second one changes, the third one splits them. */
import { defineSource, type Row } from "../lib/config/index.ts";

const isPublished = (row: Row) => row.published_on !== null;

const withYear = ({ published_on, ...row }: Row) => ({ ...row, year: Number(published_on.slice(0, 4)) });

/** Returns a row for each format of a book. */
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
