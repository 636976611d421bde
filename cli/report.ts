import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { commandForm } from "../infra/command-form.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { formatCount } from "../lib/report/format.ts";
import { lakeFolder } from "../local/bucket.ts";
import { readArguments } from "./arguments.ts";
import { EXIT } from "./command.ts";
import * as definitions from "./definitions.ts";
import { indexPage } from "./report/index-page.ts";
import { openFile } from "./report/open-file.ts";
import { readStoredRuns } from "./report/stored-runs.ts";
import { print, printError } from "./terminal.ts";

/** File name of the index. It is next to the bucket's folder, because it is not an object of the bucket. */
const INDEX = "reports.html";

/** `npm run report`: writes an index of the local lake's runs, and opens it. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options } = readArguments(args, definitions.report);
  const out = lakeFolder(options.out);
  const { runs, invalid } = readStoredRuns(out);
  const path = join(out, INDEX);
  try {
    writeFileSync(path, indexPage(runs));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(`${path}: cannot be written (${code}): choose another --out`, { cause: error });
  }
  if (invalid.length > 0) printError(`Skipped invalid reports: ${invalid.join(", ")}`);
  const count =
    runs.length === 0 ? `no runs yet (${commandForm("start")} creates some)` : formatCount(runs.length, "run");
  print(`${join(options.out, INDEX)}: ${count}`);
  if (process.stdout.isTTY && !options["no-open"]) openFile(path);
  return EXIT.done;
};
