import { resolve } from "node:path";
import process from "node:process";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ConfigError } from "../lib/errors/index.ts";
import { type Answer, type Lake, openLake } from "../local/lake/index.ts";
import { readArguments } from "./arguments.ts";
import { DEFAULT_OUT, EXIT } from "./command.ts";
import { tableListJson, tableListText } from "./query/table-list.ts";
import { count, textTable } from "./query/text-table.ts";
import { isNumeric, isWhole, rowJson, valueText } from "./query/values.ts";

const USAGE = `npm run query -- ["select ..."] [--out DIR] [--json]
Runs one query over the local lake; without one, lists its tables.
  --out DIR   folder of the lake (${DEFAULT_OUT})
  --json      one JSON object per row, all rows`;

const OPTIONS = {
  out: { type: "string", default: DEFAULT_OUT },
  json: { type: "boolean", default: false },
} as const;

/** Rows that people get to see; the rest is only counted. */
const MOST_ROWS = 100;

async function* answerJson({ names, types, chunks }: Answer): AsyncGenerator<string> {
  for await (const rows of chunks) yield rows.map((row) => `${rowJson(names, row, types)}\n`).join("");
}

async function* answerText({ names, types, chunks }: Answer, room: number | null): AsyncGenerator<string> {
  const shown: (string | null)[][] = [];
  let rows = 0;
  for await (const chunk of chunks) {
    rows += chunk.length;
    for (const row of chunk.slice(0, MOST_ROWS - shown.length)) {
      shown.push(row.map((value, index) => (value === null ? null : valueText(value, types[index]!))));
    }
  }
  // A plan is a drawing of many lines.
  if (names.join() === "explain_key,explain_value") {
    yield shown.map(([, plan]) => `${plan}\n`).join("");
    return;
  }
  const columns = names.map((title, index) => ({
    title,
    numeric: isNumeric(types[index]!),
    whole: isWhole(types[index]!),
  }));
  const table = textTable(columns, shown, room);
  const notes = [
    rows > shown.length
      ? `${count(rows, "row")}, the first ${shown.length} shown: --json prints all of them`
      : count(rows, "row"),
    ...(table.shown < columns.length
      ? [`${count(columns.length, "column")}, the first ${table.shown} shown: name those you want, or use --json`]
      : []),
  ];
  yield `${[...table.lines, "", ...notes].join("\n")}\n`;
}

const print = async (text: AsyncIterable<string>): Promise<void> => {
  try {
    await pipeline(Readable.from(text), process.stdout, { end: false });
  } catch (error) {
    // `| head` has seen enough.
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  }
};

const answer = async (lake: Lake, sql: string | undefined, out: string, json: boolean) => {
  const room = process.stdout.columns || null;
  if (sql === undefined) return json ? tableListJson(lake) : tableListText(lake, out);
  const result = await lake.query(sql);
  return json ? answerJson(result) : answerText(result, room);
};

/** `npm run query`: SQL over the local lake, or the list of its tables. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(args, OPTIONS, USAGE);
  const [sql] = positionals;
  if (positionals.length > 1) throw new ConfigError("give the SQL as one argument, in quotes");
  using lake = await openLake(resolve(process.env.INIT_CWD ?? ".", values.out));
  await print(await answer(lake, sql, values.out, values.json));
  return EXIT.done;
};
