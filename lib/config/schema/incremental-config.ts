import { z } from "zod";
import { checkCursor, compareCursors } from "../../columns/cursor-values.ts";
import { timeFormat } from "../../columns/time-format.ts";
import { formatProblem, sampleOf } from "../../columns/time-tokens.ts";
import { ConfigError } from "../../errors/index.ts";
import type { Convert } from "../callbacks.ts";
import { INCREMENTAL_DEFAULTS } from "../defaults.ts";
import { withRunTime } from "../template.ts";
import {
  cursorText,
  functionOf,
  type Rule,
  selector,
  typeKey,
  whenObject,
  withDefault,
  withDefaultNote,
} from "./primitives.ts";

const cursorValue = z.union([cursorText, z.number()]);

const timeFormatText = z.string().superRefine((format, context) => {
  const message = formatProblem(format);
  if (message !== null) context.addIssue({ code: "custom", message });
});

const incrementalKeys = {
  cursor_path: selector.describe("JSONPath of the cursor value in a row, such as `updated_at`."),
  initial_value: cursorValue
    .nullish()
    .describe("Start value of the first run. Rows before it are discarded. May contain `{run.opened_at}`."),
  end_value: cursorValue
    .nullish()
    .describe(
      "End value of a backfill, which may contain `{run.opened_at}`: rows from it on are discarded, every run starts at `initial_value`, and no cursor is stored.",
    ),
  last_value_func: withDefault(z.enum(["max", "min"]).optional(), INCREMENTAL_DEFAULTS.last_value_func).describe(
    "Whether the next run starts from the highest or the lowest cursor value.",
  ),
  primary_key: withDefaultNote(
    z.union([z.string().min(1), z.array(z.string().min(1))]).nullish(),
    "the resource's `primary_key`, else the whole row",
  ).describe(
    "Fields that identify rows whose cursor value is the last value of the previous run, so that they are not loaded again. `[]` keeps all of them.",
  ),
  row_order: z
    .enum(["asc", "desc"])
    .nullish()
    .describe("Order of the cursor values in the API. Pages after the last row in range are not requested."),
  on_cursor_value_missing: withDefault(
    z.enum(["raise", "include", "exclude"]).optional(),
    INCREMENTAL_DEFAULTS.on_cursor_value_missing,
  ).describe("Whether a row without a cursor value is an error, kept, or discarded."),
  lag: withDefault(z.number().nonnegative().nullish(), INCREMENTAL_DEFAULTS.lag).describe(
    "Distance of the start from the last value: seconds for timestamps, days for dates, otherwise a number.",
  ),
  range_start: withDefault(z.enum(["closed", "open"]).optional(), INCREMENTAL_DEFAULTS.range_start).describe(
    "`closed` keeps rows at the start value, `open` discards them.",
  ),
  range_end: withDefault(z.enum(["open", "closed"]).optional(), INCREMENTAL_DEFAULTS.range_end).describe(
    "`open` discards rows at the end value, `closed` keeps them.",
  ),
  convert: functionOf<Convert>()
    .optional()
    .describe(
      "Converts a cursor value for the request, such as a timestamp to Unix seconds. Rows are compared unconverted.",
    ),
  cursor_datetime_formats: withDefaultNote(
    z.array(timeFormatText).nullish(),
    "recognised where the form is certain",
  ).describe(
    "strptime formats of the cursor values, such as `%d/%m/%Y %H:%M`; `%s`, `%ms` and `%us` are seconds, milliseconds and microseconds since 1970. `[]` compares text as text.",
  ),
};

type CursorValue = string | number | null | undefined;
interface Ends {
  initial_value?: CursorValue;
  end_value?: CursorValue;
  last_value_func?: string;
  cursor_datetime_formats?: string[] | null;
}

/** Returns the formats; null if one is not valid, which is reported elsewhere. */
const formatsOf = ({ cursor_datetime_formats: formats }: Ends): string[] | null =>
  Array.isArray(formats) && formats.every((format) => typeof format === "string" && formatProblem(format) === null)
    ? formats
    : null;

/** Returns the ends as a run that is opened now has them; null for a value of another type or form, which is reported elsewhere. */
const endsNow = ({ initial_value, end_value }: Ends): (string | number | null)[] => {
  const now = Date.now();
  return [initial_value, end_value].map((end) =>
    cursorValue.safeParse(end).success ? withRunTime(end as string | number, now) : null,
  );
};

/** Returns the error of an end that cannot be ordered; null if there is none. */
const endProblem = (given: Ends): string | null => {
  for (const end of endsNow(given)) {
    if (end === null) continue;
    try {
      checkCursor(end, formatsOf(given));
    } catch (error) {
      if (error instanceof ConfigError) return error.message;
      throw error;
    }
  }
  return null;
};

/** A time that two formats read as different times; null if there is none. */
const contradiction = (given: Ends): string | null => {
  const formats = formatsOf(given) ?? [];
  for (const one of formats) {
    const sample = sampleOf(one);
    const time = timeFormat(one).parse(sample)?.milliseconds;
    const other = formats.find((format) => (timeFormat(format).parse(sample)?.milliseconds ?? time) !== time);
    if (other !== undefined) {
      return `${one} and ${other} read ${JSON.stringify(sample)} as different times: keep one of them`;
    }
  }
  return null;
};

/** A backfill has a start and an end. */
const bothEnds: [(given: Ends) => boolean, Rule] = [
  ({ initial_value, end_value }) => end_value == null || initial_value != null,
  { path: ["end_value"], error: "end_value without initial_value: set both for a backfill", when: whenObject },
];

const certainFormats: [(given: Ends) => boolean, Rule] = [
  (given) => contradiction(given) === null,
  {
    path: ["cursor_datetime_formats"],
    error: ({ input }) => contradiction(input as Ends) ?? "",
    when: whenObject,
  },
];

const certainEnds: [(given: Ends) => boolean, Rule] = [
  (given) => endProblem(given) === null,
  { path: ["initial_value"], error: ({ input }) => endProblem(input as Ends) ?? "", when: whenObject },
];

/** Returns the order of the ends; null if they cannot be compared. A value of another type is reported elsewhere, and is 0 here. */
const orderOf = (given: Ends): number | null => {
  const [start = null, end = null] = endsNow(given);
  if (start === null || end === null || endProblem(given) !== null) return 0;
  try {
    return compareCursors(start, end, formatsOf(given));
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
};

const endsOfOneType: [(given: Ends) => boolean, Rule] = [
  (given) => orderOf(given) !== null,
  { path: ["end_value"], error: "expected the type of initial_value (number or string)", when: whenObject },
];

/** Swapped ends would discard every row. */
const endsInOrder: [(given: Ends) => boolean, Rule] = [
  (given) => (orderOf(given) ?? 0) * (given.last_value_func === "min" ? -1 : 1) <= 0,
  { path: ["end_value"], error: "end_value precedes initial_value: swap them", when: whenObject },
];

/** Incremental loading by a cursor value in the rows. */
export const incremental = z
  .strictObject({
    ...incrementalKeys,
    start_param: z.string().min(1).nullish().describe("Query parameter of the start value."),
    end_param: z.string().min(1).nullish().describe("Query parameter of the end value, sent if there is one."),
  })
  .refine(...bothEnds)
  .refine(...certainFormats)
  .refine(...certainEnds)
  .refine(...endsOfOneType)
  .refine(...endsInOrder)
  .describe("Loads only rows that are new since the previous run.");

/** dlt's form of an incremental as a query parameter, which sends the start value. */
export const incrementalParam = z
  .strictObject({ type: typeKey("incremental"), ...incrementalKeys })
  .refine(...bothEnds)
  .refine(...certainFormats)
  .refine(...certainEnds)
  .refine(...endsOfOneType)
  .refine(...endsInOrder)
  .describe("Incremental loading whose start value is sent as this parameter.");
