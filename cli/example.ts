import { join } from "node:path";
import process from "node:process";
import { commandForm } from "../infra/command-form.ts";
import { bucketFolder, readTables } from "../infra/lake-folder.ts";
import { readSource } from "../infra/sources.ts";
import { formatNumber } from "../lib/report/format.ts";
import { lakeFolder } from "../local/bucket.ts";
import type { SeenRequest } from "../local/example-api/index.ts";
import { openLake } from "../local/lake/index.ts";
import { readArguments } from "./arguments.ts";
import { EXIT } from "./command.ts";
import { conclude } from "./conclude.ts";
import * as definitions from "./definitions.ts";
import { EXAMPLES_FOLDER, findExample, listExamples } from "./example/catalogue.ts";
import { type ExampleRun, runExample } from "./example/run-example.ts";
import { onInterrupt } from "./interrupt.ts";
import { queryCommand } from "./next-commands.ts";
import { textTable } from "./query/text-table.ts";
import { print, printError } from "./terminal.ts";
import { alignColumns, terminalWidth, wrapText } from "./wrap-text.ts";

/** Returns the list of examples, one line each, grouped by the headings of examples/README.md. */
const listLines = (width: number): string[] => {
  const all = listExamples();
  const nameWidth = Math.max(...all.map(({ name }) => name.length));
  const groups = [...Map.groupBy(all, ({ group }) => group)];
  return [
    ...wrapText(
      "Each example is a config that shows one feature. To run one against a small API on this machine:",
      width,
    ),
    `  ${commandForm("example", "cursor")}`,
    ...groups.flatMap(([group, examples]) => [
      "",
      ...(group === "" ? [] : [group]),
      ...alignColumns(
        examples.map(({ name, about }) => [name, about] as const),
        width,
        nameWidth,
      ),
    ]),
  ];
};

/** Returns a request as lines: status, method and path, then headers and body. */
const requestLines = ({ method, path, headers, body, status }: SeenRequest): string[] => {
  const details = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), body];
  return [`  ${status} ${method} ${path}`, ...details.filter(Boolean).map((line) => `      ${line}`)];
};

/** Returns a table of the example's tables: rows in total, and rows of this run. */
const tableLines = async ({ source, summary }: ExampleRun, out: string): Promise<string[]> => {
  // Without any row there is no table, and no lake to open.
  using lake = readTables(bucketFolder(out)).length === 0 ? null : await openLake(out);
  const loaded = Map.groupBy(
    source.resources.filter(({ selected }) => selected),
    ({ table }) => table,
  );
  const rows: string[][] = [];
  for (const [name, resources] of loaded) {
    const table = lake?.tables.find((candidate) => candidate.source === source.name && candidate.table === name);
    const summaries = summary.resources.filter(({ resource }) => resources.some((one) => one.name === resource));
    const loadedRows = summaries.reduce((sum, { rows }) => sum + rows, 0);
    const totalRows = table === undefined ? 0 : ((await lake?.countRows(table)) ?? 0);
    rows.push([table?.sql_name ?? `${source.name}.${name}`, formatNumber(totalRows), formatNumber(loadedRows)]);
  }
  const columns = [
    { title: "table", numeric: false, whole: true },
    { title: "rows", numeric: true, whole: true },
    { title: "this run", numeric: true, whole: true },
  ];
  return textTable(columns, rows, process.stdout.columns || null).lines;
};

/** `npm run example`: lists the examples, or runs one of them against the example API. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options, positionals } = readArguments(args, definitions.example);
  const [name] = positionals;
  if (name === undefined) {
    print(listLines(terminalWidth(process.stdout)).join("\n"));
    return EXIT.done;
  }
  const { file } = findExample(name);
  const source = await readSource(`examples/${file}`, join(EXAMPLES_FOLDER, file));
  const out = lakeFolder(options.out);
  using interrupt = onInterrupt(printError);
  const ran = await runExample(source, { out, stop: interrupt.signal });
  print([`Requests of examples/${file} to ${ran.url}:`, ...ran.requests.flatMap(requestLines)].join("\n"));
  const code = conclude(ran.execution, ran.summary, "the same command");
  if (code === EXIT.done) {
    print(["", ...(await tableLines(ran, out)), ""].join("\n"));
    print(`Query the rows:\n  ${queryCommand([[ran.source, ran.summary]], options.out)}`);
  }
  return code;
};
