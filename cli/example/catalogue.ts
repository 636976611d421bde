import { readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CONFIG_EXTENSIONS } from "../../infra/config-file.ts";
import { ConfigError } from "../../lib/errors/index.ts";

/** The folder that holds a config per example. */
export const EXAMPLES_FOLDER = fileURLToPath(new URL("../../examples", import.meta.url));

/** An example, as it is listed. */
export interface Example {
  /** The file's name without its extension. */
  name: string;
  file: string;
  /** The heading that examples/README.md has it under; "" where it is not listed there. */
  group: string;
  /** What it shows, in a line. */
  about: string;
}

const HEADING = /^## (.+)$/;
const ROW = /^\| \[.+?\]\((.+?)\) \| (.+) \|$/;

/** What examples/README.md says of each file, in its order: JSON has no comments, so it is said there. */
const told = (folder: string): Map<string, Pick<Example, "group" | "about">> => {
  const known = new Map<string, Pick<Example, "group" | "about">>();
  let group = "";
  for (const line of readFileSync(join(folder, "README.md"), "utf8").split("\n")) {
    group = HEADING.exec(line)?.[1] ?? group;
    const [, file, about] = ROW.exec(line) ?? [];
    if (file !== undefined && about !== undefined) known.set(file, { group, about: about.replaceAll("`", "") });
  }
  return known;
};

/** All examples, in the order of examples/README.md; one that is not in it comes last. */
export const listExamples = (folder: string = EXAMPLES_FOLDER): Example[] => {
  const about = told(folder);
  const order = [...about.keys()];
  const place = (file: string) => (about.has(file) ? order.indexOf(file) : order.length);
  return readdirSync(folder)
    .filter((file) => [".ts", ...CONFIG_EXTENSIONS].includes(extname(file)))
    .sort((a, b) => place(a) - place(b))
    .map((file) => ({
      name: file.slice(0, -extname(file).length),
      file,
      ...(about.get(file) ?? { group: "", about: "" }),
    }));
};

/**
 * The example of that name, or of that file.
 *
 * @throws ConfigError naming the ones that exist.
 */
export const findExample = (given: string, folder?: string): Example => {
  const all = listExamples(folder);
  const wanted = given.replace(/^(\.\/)?examples\//, "").replaceAll("_", "-");
  const found = all.find(({ name, file }) => name === wanted || file === wanted);
  if (found === undefined) {
    const names = all.map(({ name }) => name).join(", ");
    throw new ConfigError(`there is no example ${JSON.stringify(given)}; there are: ${names}`);
  }
  return found;
};
