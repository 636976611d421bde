/** `npm run docs`: writes the documents that are generated from code. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cliReference } from "./cli-reference.ts";
import { errorReference } from "./error-reference.ts";
import { withTables } from "./key-tables.ts";
import { sourceSchema } from "./source-schema.ts";

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const schema = inProject("docs/source.schema.json");
const sources = inProject("docs/sources.md");

writeFileSync(schema, `${JSON.stringify(sourceSchema(), null, 2)}\n`);
writeFileSync(sources, withTables(readFileSync(sources, "utf8")));
writeFileSync(inProject("docs/errors.md"), errorReference());
writeFileSync(inProject("docs/cli.md"), cliReference());
