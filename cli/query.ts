import { resolve } from "node:path";
import process from "node:process";
import { formatCount } from "../lib/report/format.ts";
import { type Lake, openLake, type QueryResult } from "../local/lake/index.ts";
import { type OptionValues, readArguments } from "./arguments.ts";
import { EXIT } from "./command.ts";
import * as definitions from "./definitions.ts";
import { tableListJson, tableListText } from "./query/table-list.ts";
import { textTable } from "./query/text-table.ts";
import { isNumeric, isUncut, rowJson, valueText } from "./query/values.ts";
import { printAll } from "./terminal.ts";

type Options = OptionValues<typeof definitions.query>;

/** Rows that are printed as text; the others are counted. */
const MAX_ROWS = 100;

async function* resultJson({ names, types, chunks }: QueryResult): AsyncGenerator<string> {
  for await (const rows of chunks) yield rows.map((row) => `${rowJson(names, row, types)}\n`).join("");
}

async function* resultText({ names, types, chunks }: QueryResult, width: number | null): AsyncGenerator<string> {
  const shown: (string | null)[][] = [];
  let rows = 0;
  for await (const chunk of chunks) {
    rows += chunk.length;
    for (const row of chunk.slice(0, MAX_ROWS - shown.length)) {
      shown.push(row.map((value, index) => (value === null ? null : valueText(value, types[index]!))));
    }
  }
  // EXPLAIN returns a drawing of many lines.
  if (names.join() === "explain_key,explain_value") {
    yield shown.map(([, plan]) => `${plan}\n`).join("");
    return;
  }
  const columns = names.map((title, index) => ({
    title,
    numeric: isNumeric(types[index]!),
    whole: isUncut(types[index]!),
  }));
  const table = textTable(columns, shown, width);
  const rowCount = formatCount(rows, "row");
  const notes = [
    rows > shown.length ? `${rowCount}, first ${shown.length} shown (--json prints all of them)` : rowCount,
    ...(table.shown < columns.length
      ? [`${formatCount(columns.length, "column")}, first ${table.shown} shown (select fewer columns, or use --json)`]
      : []),
  ];
  yield `${[...table.lines, "", ...notes].join("\n")}\n`;
}

const result = async (lake: Lake, sql: string | undefined, { out, json }: Options): Promise<AsyncIterable<string>> => {
  if (sql === undefined) return json ? tableListJson(lake) : tableListText(lake, out);
  const rows = await lake.query(sql);
  return json ? resultJson(rows) : resultText(rows, process.stdout.columns || null);
};

/** `npm run query`: runs SQL on the local lake, or lists its tables. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options, positionals } = readArguments(args, definitions.query);
  using lake = await openLake(resolve(process.env.INIT_CWD ?? ".", options.out));
  await printAll(await result(lake, positionals[0], options));
  return EXIT.done;
};
