/** `npm run dialect`: writes what is made of the dialect's zod schema, after a change to it. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dialectSchema } from "./json-schema.ts";
import { withTables } from "./key-tables.ts";

const inProject = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const schema = inProject("docs/source.schema.json");
const docs = inProject("docs/sources.md");

writeFileSync(schema, `${JSON.stringify(dialectSchema(), null, 2)}\n`);
writeFileSync(docs, withTables(readFileSync(docs, "utf8")));
