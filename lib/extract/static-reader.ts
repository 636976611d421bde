import type { JsonObject } from "../json/index.ts";
import type { Redactor } from "../ports/redactor.ts";
import { positionAfter } from "./next-position.ts";
import type { PageReader } from "./page-reader.ts";
import { hashPage } from "./page-reading.ts";

/**
 * Creates the page reader of a resource whose rows are in the config: one page, and no request. It becomes one part, so a run
 * has the rows of one version of the config, whatever is deployed while it is open.
 */
export const createStaticReader = (rows: JsonObject[], redactor: Redactor): PageReader => ({
  hasPageAt: async () => true,

  async read(position) {
    const { hash, isClean } = hashPage({ rows, items: null }, redactor);
    return {
      records: rows,
      items: rows.length,
      isClean,
      parent: null,
      warnings: [],
      skipped: null,
      total: null,
      null_rows: null,
      isWhole: true,
      after: async () => ({
        position: positionAfter(position, { selector: null, decided: null }, null, { parent: null, hash }),
        endsList: true,
        last: true,
      }),
    };
  },

  describe: async () => null,
  cancel: async () => {},
});
