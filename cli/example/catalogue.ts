import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { CONFIG_EXTENSIONS } from "../../infra/config-file.ts";
import { packageFile } from "../../infra/package-files.ts";
import { nearest } from "../../lib/config/nearest.ts";
import { ConfigError } from "../../lib/errors/index.ts";

/** Folder of the examples, one config per file. */
export const EXAMPLES_FOLDER = packageFile("examples");

/** An example with its description. */
export interface Example {
  /** File name without its extension. */
  name: string;
  file: string;
  /** Its heading in examples/README.md; empty for a file that is not listed there. */
  group: string;
  /** One line about what it shows. */
  about: string;
}

const HEADING = /^## (.+)$/;
const ROW = /^\| \[.+?\]\((.+?)\) \| (.+) \|$/;

/** Reads the descriptions from examples/README.md, by file and in its order. JSON files cannot have comments. */
const readDescriptions = (folder: string): Map<string, Pick<Example, "group" | "about">> => {
  const descriptions = new Map<string, Pick<Example, "group" | "about">>();
  let group = "";
  for (const line of readFileSync(join(folder, "README.md"), "utf8").split("\n")) {
    group = HEADING.exec(line)?.[1] ?? group;
    const [, file, about] = ROW.exec(line) ?? [];
    if (file !== undefined && about !== undefined) descriptions.set(file, { group, about: about.replaceAll("`", "") });
  }
  return descriptions;
};

/** Returns all examples in the order of examples/README.md; those that are not listed there come last. */
export const listExamples = (folder: string = EXAMPLES_FOLDER): Example[] => {
  const descriptions = readDescriptions(folder);
  const order = [...descriptions.keys()];
  const place = (file: string) => (descriptions.has(file) ? order.indexOf(file) : order.length);
  return readdirSync(folder)
    .filter((file) => [".ts", ...CONFIG_EXTENSIONS].includes(extname(file)))
    .sort((a, b) => place(a) - place(b))
    .map((file) => ({
      name: file.slice(0, -extname(file).length),
      file,
      ...(descriptions.get(file) ?? { group: "", about: "" }),
    }));
};

/**
 * Returns an example by its name or file name.
 *
 * @throws ConfigError for an unknown name.
 */
export const findExample = (given: string, folder?: string): Example => {
  const all = listExamples(folder);
  const wanted = given.replace(/^(\.\/)?examples\//, "").replaceAll("_", "-");
  const found = all.find(({ name, file }) => name === wanted || file === wanted);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name);
  const suggestion = nearest(wanted, names);
  const advice = suggestion === undefined ? `choose from ${names.join(", ")}` : `did you mean ${suggestion}?`;
  throw new ConfigError(`unknown example ${JSON.stringify(given)}: ${advice}`);
};
