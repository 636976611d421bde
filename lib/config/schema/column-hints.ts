import { z } from "zod";
import { decimalDigits, MAX_PRECISION } from "../../columns/types.ts";
import { withDefault, withDefaultNote } from "./primitives.ts";

/** Types that a column can be declared as: the types of tables, and dlt's others, which become one of those. */
export const dataType = z.enum([
  "text",
  "bigint",
  "double",
  "bool",
  "timestamp",
  "date",
  "decimal",
  "json",
  "binary",
  "time",
  "wei",
]);

/** Digits of a decimal without hints. */
const DECIMAL = decimalDigits({});

const flag = (description: string) => withDefault(z.boolean().optional(), false).describe(description);

const hints = {
  data_type: withDefaultNote(dataType.optional(), "inferred from the values").describe(
    "Type of the column. `binary` and `time` become text, `wei` becomes decimal.",
  ),
  nullable: withDefaultNote(z.boolean().optional(), "`true`; `false` in the primary key").describe(
    "Whether the column may be null.",
  ),
  description: z.string().optional().describe("Human-readable description."),
  primary_key: flag("Whether the column is part of the primary key."),
  merge_key: flag("Whether the column is part of the merge key."),
  hard_delete: flag(
    "For `merge`: a row whose value in this column is true (not null, if the column is not a bool) deletes the row with its key.",
  ),
  dedup_sort: z
    .enum(["asc", "desc"])
    .optional()
    .describe(
      "For `merge`: of the rows of a run with the same key, the first in this order is kept instead of the last row read.",
    ),
  precision: withDefault(z.int().positive().optional(), DECIMAL.precision).describe(
    `Total digits of a \`decimal\`, at most ${MAX_PRECISION}.`,
  ),
  scale: withDefault(z.int().nonnegative().optional(), DECIMAL.scale).describe(
    "Digits of a `decimal` after the decimal point.",
  ),
  timezone: z.boolean().optional().describe("No effect: timestamps are UTC."),
  unique: z.boolean().optional().describe("No effect."),
  sort: z.boolean().optional().describe("No effect."),
  cluster: z.boolean().optional().describe("No effect."),
  partition: z.boolean().optional().describe("No effect: tables are partitioned by the day of the run."),
  variant: z.boolean().optional().describe("No effect."),
};

/** Hints of a column. */
export const column = z
  .strictObject({
    name: z
      .string()
      .optional()
      .describe("Name of the column, in a list of columns. In an object, the key is the name."),
    ...hints,
  })
  .describe("Hints of a column.");

/** Name of a column in a list. With this one, an object by name would lose the column. */
const columnName = z
  .string()
  .min(1)
  .refine((name) => name !== "__proto__", "name that is not supported: write proto, the name of the column");

/** Columns by name, or dlt's list of them. */
export const columns = z.union([
  z.record(z.string(), column),
  z.array(column.extend({ name: columnName })).superRefine((list, context) => {
    for (const [index, { name }] of list.entries()) {
      if (list.findIndex((other) => other.name === name) === index) continue;
      context.addIssue({ code: "custom", message: "duplicate column: keep one", path: [index, "name"] });
    }
  }),
]);
