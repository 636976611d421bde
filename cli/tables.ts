import { resolve } from "node:path";
import process from "node:process";
import { type KnownTable, knownTables, tableNames } from "../infra/known-tables.ts";
import { bucketFolder } from "../infra/lake-folder.ts";
import { type ResolvedSource, resolveSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { athenaStatements, glueColumns } from "../lib/tables/athena.ts";
import type { TableDescription } from "../lib/tables/description.ts";
import { rowSchema } from "../lib/tables/json-schema.ts";
import { readArguments } from "./arguments.ts";
import { DEFAULT_OUT, EXIT } from "./command.ts";
import { findSource } from "./find-source.ts";

const NO_BUCKET = "<your-bucket>";

const USAGE = `npm run tables -- <source> [options]
  What one needs to query the lake in S3, table by table. Nothing is loaded or made.

  <source>          name of a file in functions/, or path of a .ts, .js, .json or .yaml config
  --format FORMAT   athena: its statements (the default); glue: the columns as Glue and Firehose take them;
                    json-schema: of a row
  --table NAME      only this table
  --bucket NAME     the lake's bucket, for athena (${NO_BUCKET})
  --database NAME   the database to make, for athena (the source's name)
  --out DIR         folder of a local lake, whose columns are told where it has the table (${DEFAULT_OUT})`;

const OPTIONS = {
  format: { type: "string", default: "athena" },
  table: { type: "string" },
  bucket: { type: "string", default: NO_BUCKET },
  database: { type: "string" },
  out: { type: "string", default: DEFAULT_OUT },
} as const;

/** S3's rule, without the rare ones: enough to see a mistake before Athena does. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** What Glue allows without surprises. */
const DATABASE = /^[a-z0-9_]{1,255}$/;

const tablesOf = (resolved: ResolvedSource, bucket: string, wanted: string | undefined): KnownTable[] => {
  const names = tableNames(resolved, bucket);
  if (wanted !== undefined && !names.includes(wanted)) {
    throw new ConfigError(
      `${resolved.name} has no table ${JSON.stringify(wanted)}; there are: ${names.join(", ") || "none"}`,
    );
  }
  return knownTables(resolved, bucket, wanted === undefined ? names : [wanted]);
};

/** One JSON document, by table. */
const asJson = (tables: KnownTable[], value: (table: TableDescription) => unknown): string =>
  JSON.stringify(Object.fromEntries(tables.map(({ description }) => [description.table, value(description)])), null, 2);

const FORMATS: Record<string, (tables: KnownTable[], database: string, bucket: string) => string> = {
  athena: (tables, database, bucket) => {
    // Told once, however many tables are in it.
    const statements = new Set(tables.flatMap(({ description }) => athenaStatements(description, database, bucket)));
    return [...statements].map((statement) => `${statement};`).join("\n\n");
  },
  glue: (tables) => asJson(tables, glueColumns),
  "json-schema": (tables) => asJson(tables, rowSchema),
};

/** `npm run tables`: what Athena, Glue and others need to know of a source's tables. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(args, OPTIONS, USAGE);
  const [name] = positionals;
  if (name === undefined) throw new ConfigError(`give a source\nusage: ${USAGE}`);
  if (positionals.length > 1) throw new ConfigError(`give one source, not ${positionals.join(" and ")}`);
  const print = Object.hasOwn(FORMATS, values.format) ? FORMATS[values.format] : undefined;
  if (print === undefined) {
    const formats = Object.keys(FORMATS).join(", ");
    throw new ConfigError(`there is no --format ${JSON.stringify(values.format)}; there are: ${formats}`);
  }
  if (values.bucket !== NO_BUCKET && !BUCKET.test(values.bucket)) {
    throw new ConfigError(`--bucket ${JSON.stringify(values.bucket)}: must be a bucket's name alone, such as my-lake`);
  }
  if (values.database !== undefined && !DATABASE.test(values.database)) {
    throw new ConfigError(
      `--database ${JSON.stringify(values.database)}: can have small letters, digits and _ only, such as my_lake`,
    );
  }
  const resolved = resolveSource(await findSource(name));
  const bucket = bucketFolder(resolve(process.env.INIT_CWD ?? ".", values.out));
  const tables = tablesOf(resolved, bucket, values.table);
  // Not among the output: it may be piped into a file.
  for (const { note } of tables) if (note !== null) console.error(note);
  console.log(print(tables, values.database ?? resolved.name, values.bucket));
  return EXIT.done;
};
