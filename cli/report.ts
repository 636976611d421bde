import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ConfigError } from "../lib/errors/index.ts";
import { lakeFolder } from "../local/bucket.ts";
import { readArguments } from "./arguments.ts";
import { DEFAULT_OUT, EXIT } from "./command.ts";
import { indexPage } from "./report/index-page.ts";
import { openForUser } from "./report/open.ts";
import { knownRuns } from "./report/runs.ts";

/** Name of the index, in the lake's folder: beside the bucket, since it is none of its objects. */
const INDEX = "reports.html";

const USAGE = `npm run report -- [options]
  A page with all runs of the local lake, and a link to each one's report. It is opened where there is a display.

  --out DIR    folder of the lake (${DEFAULT_OUT})
  --no-open    only write it, and print where it is`;

const OPTIONS = {
  out: { type: "string", default: DEFAULT_OUT },
  "no-open": { type: "boolean", default: false },
} as const;

/** `npm run report`: an index of the local lake's runs. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(args, OPTIONS, USAGE);
  if (positionals.length > 0) throw new ConfigError(`give options only, not ${positionals.join(" ")}\nusage: ${USAGE}`);
  const out = lakeFolder(values.out);
  const { runs, unreadable } = knownRuns(out);
  const path = join(out, INDEX);
  try {
    writeFileSync(path, indexPage(runs));
  } catch (error) {
    throw new ConfigError(`${path} cannot be written (${(error as NodeJS.ErrnoException).code}): choose another --out`);
  }
  if (unreadable.length > 0) console.error(`Left out, since they are no reports: ${unreadable.join(", ")}`);
  const count = runs.length === 1 ? "1 run" : `${runs.length} runs`;
  console.log(`${join(values.out, INDEX)}: ${runs.length === 0 ? "no run yet; npm start makes one" : count}`);
  if (process.stdout.isTTY && !values["no-open"]) openForUser(path);
  return EXIT.done;
};
