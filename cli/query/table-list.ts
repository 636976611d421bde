import { commandForm } from "../../infra/command-form.ts";
import { formatCount, formatNumber } from "../../lib/report/format.ts";
import type { Lake, OpenTable } from "../../local/lake/index.ts";
import { DEFAULT_OUT } from "../command.ts";
import { textTable } from "./text-table.ts";

/** Columns in the example query: as many as fit into a line. */
const EXAMPLE_COLUMNS = 5;

interface CountedTable extends OpenTable {
  /** Number of rows; null for a table that cannot be queried. */
  row_count: number | null;
}

const countAll = async (lake: Lake): Promise<CountedTable[]> => {
  const counted: CountedTable[] = [];
  for (const table of lake.tables) {
    try {
      counted.push({ ...table, row_count: await lake.countRows(table) });
    } catch (error) {
      counted.push({ ...table, row_count: null, problem: table.problem ?? (error as Error).message.split("\n")[0]! });
    }
  }
  return counted;
};

/** Yields the tables as JSON, one object per line. */
export async function* tableListJson(lake: Lake): AsyncGenerator<string> {
  for (const { source, table: name, row_count, columns, newest_run, problem } of await countAll(lake)) {
    const facts = { source, table: name, rows: row_count, columns: columns.length, newest_run };
    yield `${JSON.stringify(problem === null ? facts : { ...facts, problem })}\n`;
  }
}

/** Returns the start of a run as a time that fits into a column: `20261120T090000Z-1a2b3c4d` -> `2026-11-20 09:00:00`. */
const startTime = (run_id: string): string =>
  run_id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, "$1-$2-$3 $4:$5:$6");

/** Returns a string as one word of a shell, quoted if necessary. */
const shellWord = (text: string): string =>
  /^[\w./-]+$/.test(text) ? text : `"${text.replaceAll(/["\\$`]/g, "\\$&")}"`;

/** Returns commands that query the largest table. */
const exampleLines = (lake: Lake, tables: CountedTable[], out: string): string[] => {
  const table = tables.toSorted((a, b) => (b.row_count ?? -1) - (a.row_count ?? -1))[0];
  if (table === undefined || table.row_count === null) return [];
  const outOption = out === DEFAULT_OUT ? "" : `--out ${shellWord(out)} `;
  const command = (sql: string) => commandForm("query", `${outOption}${shellWord(sql)}`);
  const columns = table.columns
    .filter(({ data_type }) => data_type !== "json")
    .slice(0, EXAMPLE_COLUMNS)
    .map(({ name }) => lake.quote(name));
  return [
    "",
    "To query rows, or to list the columns of a table:",
    `  ${command(`select ${columns.join(", ")} from ${table.sql_name} limit 10`)}`,
    `  ${command(`describe ${table.sql_name}`)}`,
    "With --json, each row is printed as a JSON object.",
  ];
};

/**
 * Yields the tables with rows, columns and newest run, and example commands.
 *
 * @param out folder of the lake, as the user gave it.
 */
export async function* tableListText(lake: Lake, out: string): AsyncGenerator<string> {
  const tables = await countAll(lake);
  const columns = [
    { title: "table", numeric: false, whole: true },
    { title: "rows", numeric: true, whole: true },
    { title: "columns", numeric: true, whole: true },
    { title: "newest run (UTC)", numeric: false, whole: true },
  ];
  const rows = tables.map((table) => [
    table.sql_name,
    table.row_count === null ? "?" : formatNumber(table.row_count),
    String(table.columns.length),
    table.newest_run === null ? "no finished run" : startTime(table.newest_run),
  ]);
  const problems = tables.map(({ problem }) => problem).filter((problem) => problem !== null);
  const total = tables.reduce((sum, { row_count }) => sum + (row_count ?? 0), 0);
  const lines = [
    `Tables of the lake in ${out}, with the rows of finished runs:`,
    "",
    ...textTable(columns, rows, null).lines,
    "",
    `${formatCount(tables.length, "table")}, ${formatCount(total, "row")}`,
    ...(problems.length > 0
      ? ["", "Tables that cannot be queried:", ...problems.map((problem) => `  ${problem}`)]
      : []),
    ...exampleLines(lake, tables, out),
  ];
  yield `${lines.join("\n")}\n`;
}
