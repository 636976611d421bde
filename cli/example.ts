import { join } from "node:path";
import process from "node:process";
import { bucketFolder, readTables } from "../infra/lake-folder.ts";
import { readSource } from "../infra/sources.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { lakeFolder } from "../local/bucket.ts";
import type { SeenRequest } from "../local/example-api/index.ts";
import { openLake } from "../local/lake/index.ts";
import { readArguments } from "./arguments.ts";
import { DEFAULT_OUT, EXIT } from "./command.ts";
import { conclude } from "./conclude.ts";
import { EXAMPLES_FOLDER, findExample, listExamples } from "./example/catalogue.ts";
import { type ExampleRun, runExample } from "./example/run-example.ts";
import { onInterrupt } from "./interrupt.ts";
import { queryHint } from "./next-commands.ts";
import { textTable } from "./query/text-table.ts";

const USAGE = `npm run example -- [<name>] [options]
  Runs one of the configs in examples/ against a small API on this machine; without a name, lists them.

  --out DIR   folder of the local lake (${DEFAULT_OUT})`;

/** The examples, a line each, below the headings of examples/README.md. */
const listLines = (): string[] => {
  const all = listExamples();
  const width = Math.max(...all.map(({ name }) => name.length));
  const groups = [...Map.groupBy(all, ({ group }) => group)];
  return [
    "Each of these configs shows one thing, and runs against a small API on this machine:",
    "  npm run example -- cursor",
    ...groups.flatMap(([group, examples]) => [
      "",
      ...(group === "" ? [] : [group]),
      ...examples.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`.trimEnd()),
    ]),
  ];
};

/** A request in lines: status, method and path, then what it carried. */
const requestLines = ({ method, path, headers, body, status }: SeenRequest): string[] => {
  const carried = [...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), body];
  return [`  ${status} ${method} ${path}`, ...carried.filter(Boolean).map((line) => `      ${line}`)];
};

/** The example's tables: the rows that are in each by now, and those of this run. */
const tableLines = async ({ source, summary }: ExampleRun, out: string): Promise<string[]> => {
  // Without a single row there is no table anywhere yet, and no lake to open.
  using lake = readTables(bucketFolder(out)).length === 0 ? null : await openLake(out);
  const loaded = Map.groupBy(
    source.resources.filter(({ selected }) => selected),
    ({ table }) => table,
  );
  const rows: string[][] = [];
  for (const [name, resources] of loaded) {
    const table = lake?.tables.find((candidate) => candidate.source === source.name && candidate.table === name);
    const own = summary.resources.filter(({ resource }) => resources.some((one) => one.name === resource));
    const ofThisRun = own.reduce((sum, { rows }) => sum + rows, 0);
    rows.push([
      table?.sql_name ?? `${source.name}.${name}`,
      String(table === undefined ? 0 : await lake?.countRows(table)),
      String(ofThisRun),
    ]);
  }
  const columns = [
    { title: "table", numeric: false, whole: true },
    { title: "rows", numeric: true, whole: true },
    { title: "of this run", numeric: true, whole: true },
  ];
  return textTable(columns, rows, process.stdout.columns || null).lines;
};

/** `npm run example`: lists the examples, or runs one of them against an API of its own. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(args, { out: { type: "string", default: DEFAULT_OUT } }, USAGE);
  const [name] = positionals;
  if (positionals.length > 1) throw new ConfigError(`give one example, not ${positionals.join(" and ")}`);
  if (name === undefined) {
    console.log(listLines().join("\n"));
    return EXIT.done;
  }
  const { file } = findExample(name);
  const { source } = await readSource(`examples/${file}`, join(EXAMPLES_FOLDER, file));
  const out = lakeFolder(values.out);
  using interrupt = onInterrupt(console.error);
  const ran = await runExample(source, { out, stop: interrupt.signal });
  console.log([`examples/${file} asked the API at ${ran.url}:`, ...ran.requests.flatMap(requestLines)].join("\n"));
  const code = conclude(ran.execution, ran.summary, "The same command");
  if (code === EXIT.done) {
    console.log(["", ...(await tableLines(ran, out)), ""].join("\n"));
    console.log(`Look at the rows: ${queryHint([[ran.source, ran.summary]], values.out)}`);
  }
  return code;
};
