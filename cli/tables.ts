import { resolve } from "node:path";
import process from "node:process";
import { type KnownTable, knownTables, tableNames } from "../infra/known-tables.ts";
import { bucketFolder } from "../infra/lake-folder.ts";
import { type ResolvedSource, resolveSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { athenaStatements, glueColumns } from "../lib/tables/athena.ts";
import type { TableDescription } from "../lib/tables/description.ts";
import { rowSchema } from "../lib/tables/json-schema.ts";
import { type OptionValues, readArguments } from "./arguments.ts";
import { EXIT } from "./command.ts";
import * as definitions from "./definitions.ts";
import { BUCKET_PLACEHOLDER } from "./definitions.ts";
import { findSource } from "./find-source.ts";
import { print, printError } from "./terminal.ts";

type Options = OptionValues<typeof definitions.tables>;

/** S3's rule for bucket names, except for its rare cases. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
/** Database names that Glue and Athena accept without quoting. */
const DATABASE = /^[a-z0-9_]{1,255}$/;

const checkNames = ({ bucket, database }: Options): void => {
  if (bucket !== BUCKET_PLACEHOLDER && !BUCKET.test(bucket)) {
    throw new ConfigError(`--bucket: expected the name of a bucket, such as my-lake, got ${JSON.stringify(bucket)}`);
  }
  if (database !== undefined && !DATABASE.test(database)) {
    throw new ConfigError(
      `--database: expected lower-case letters, digits and _, such as my_lake, got ${JSON.stringify(database)}`,
    );
  }
};

const findTables = (source: ResolvedSource, { out, table }: Options): KnownTable[] => {
  const bucket = bucketFolder(resolve(process.env.INIT_CWD ?? ".", out));
  const names = tableNames(source, bucket);
  if (table !== undefined && !names.includes(table)) {
    const choices = names.length === 0 ? "the source loads no table" : `choose from ${names.join(", ")}`;
    throw new ConfigError(`${source.name}: unknown table ${JSON.stringify(table)}: ${choices}`);
  }
  return knownTables(source, bucket, table === undefined ? names : [table]);
};

/** Returns one JSON document with a value per table. */
const asJson = (tables: KnownTable[], value: (table: TableDescription) => unknown): string =>
  JSON.stringify(Object.fromEntries(tables.map(({ description }) => [description.table, value(description)])), null, 2);

const FORMATS: Record<Options["format"], (tables: KnownTable[], database: string, bucket: string) => string> = {
  athena: (tables, database, bucket) => {
    // The statement that creates the database is part of every table's statements.
    const statements = new Set(tables.flatMap(({ description }) => athenaStatements(description, database, bucket)));
    return [...statements].map((statement) => `${statement};`).join("\n\n");
  },
  glue: (tables) => asJson(tables, glueColumns),
  "json-schema": (tables) => asJson(tables, rowSchema),
};

/** `npm run tables`: prints how Athena, Glue and other engines read the tables of a source. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options, positionals } = readArguments(args, definitions.tables);
  checkNames(options);
  const source = resolveSource(await findSource(positionals[0] as string));
  const tables = findTables(source, options);
  // On stderr, because stdout may be written to a file.
  for (const { note } of tables) if (note !== null) printError(note);
  print(FORMATS[options.format](tables, options.database ?? source.name, options.bucket));
  return EXIT.done;
};
