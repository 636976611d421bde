import type { Lake, OpenTable } from "../../local/lake/index.ts";
import { DEFAULT_OUT } from "../command.ts";
import { count, textTable } from "./text-table.ts";

/** Columns that an example names: as many as fit on a line. */
const EXAMPLE_COLUMNS = 5;

interface Listed extends OpenTable {
  /** Null when the table cannot be queried. */
  counted: number | null;
}

const countAll = async (lake: Lake): Promise<Listed[]> => {
  const listed: Listed[] = [];
  for (const table of lake.tables) {
    try {
      listed.push({ ...table, counted: await lake.countRows(table) });
    } catch (error) {
      listed.push({ ...table, counted: null, problem: table.problem ?? (error as Error).message.split("\n")[0]! });
    }
  }
  return listed;
};

/** The tables as JSON, an object and a line each. */
export async function* tableListJson(lake: Lake): AsyncGenerator<string> {
  for (const { source, table: name, counted, columns, newest_run, problem } of await countAll(lake)) {
    const facts = { source, table: name, rows: counted, columns: columns.length, newest_run };
    yield `${JSON.stringify(problem === null ? facts : { ...facts, problem })}\n`;
  }
}

/** `20261120T090000Z-1a2b3c4d` -> `2026-11-20 09:00:00`, so that a line fits into a terminal. */
const timeOf = (run_id: string): string =>
  run_id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, "$1-$2-$3 $4:$5:$6");

/** One word of a shell: in double quotes unless it is plain. */
const inShell = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `"${text.replaceAll(/["\\$`]/g, "\\$&")}"`);

const examples = (lake: Lake, listed: Listed[], out: string): string[] => {
  const table = listed.toSorted((a, b) => (b.counted ?? -1) - (a.counted ?? -1))[0];
  if (table === undefined || table.counted === null) return [];
  const command = `npm run query --${out === DEFAULT_OUT ? "" : ` --out ${inShell(out)}`}`;
  const columns = table.columns
    .filter(({ data_type }) => data_type !== "json")
    .slice(0, EXAMPLE_COLUMNS)
    .map(({ name }) => lake.quote(name));
  return [
    "",
    "Ask for rows, or for the columns of a table:",
    `  ${command} ${inShell(`select ${columns.join(", ")} from ${table.sql_name} limit 10`)}`,
    `  ${command} ${inShell(`describe ${table.sql_name}`)}`,
    "--json prints a JSON object per row.",
  ];
};

/**
 * The tables for people: rows, columns, newest run, and what to type next.
 *
 * @param out folder of the lake, as its user names it.
 */
export async function* tableListText(lake: Lake, out: string): AsyncGenerator<string> {
  const listed = await countAll(lake);
  const columns = [
    { title: "table", numeric: false, whole: true },
    { title: "rows", numeric: true, whole: true },
    { title: "columns", numeric: true, whole: true },
    { title: "newest run (UTC)", numeric: false, whole: true },
  ];
  const rows = listed.map((table) => [
    table.sql_name,
    table.counted?.toLocaleString("en") ?? "?",
    String(table.columns.length),
    table.newest_run === null ? "none is finished yet" : timeOf(table.newest_run),
  ]);
  const problems = listed.map(({ problem }) => problem).filter((problem) => problem !== null);
  const total = listed.reduce((sum, { counted }) => sum + (counted ?? 0), 0);
  const lines = [
    `The tables of the lake in ${out}. A run shows in them once it is finished.`,
    "",
    ...textTable(columns, rows, null).lines,
    "",
    `${count(listed.length, "table")}, ${count(total, "row")}`,
    ...(problems.length > 0 ? ["", "Cannot be queried:", ...problems.map((problem) => `  ${problem}`)] : []),
    ...examples(lake, listed, out),
  ];
  yield `${lines.join("\n")}\n`;
}
