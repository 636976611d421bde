import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import process from "node:process";
import { ConfigError } from "../lib/errors/index.ts";
import { readArguments } from "./arguments.ts";
import { EXIT } from "./command.ts";
import * as definitions from "./definitions.ts";
import { readAnswers } from "./init/answers.ts";
import { projectFiles } from "./init/project-files.ts";
import { print } from "./terminal.ts";

/** Returns the name of a project for its folder: CloudFormation allows letters, digits and dashes. */
const projectName = (folder: string): string => {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  if (name !== "") return name;
  throw new ConfigError(`${folder}: the name of the folder has no letter: choose another folder`);
};

/** Writes the files that do not exist yet. Returns the paths of those that do, which are unchanged. */
const writeFiles = (folder: string, files: Map<string, string>): string[] => {
  const kept: string[] = [];
  for (const [path, text] of files) {
    const file = join(folder, path);
    if (existsSync(file)) kept.push(path);
    else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      print(`wrote ${path}`);
    }
  }
  return kept;
};

/** `restlake init`: writes a project with one source. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options, positionals } = readArguments(args, definitions.init);
  const from = process.env.INIT_CWD ?? process.cwd();
  const folder = resolve(from, positionals[0] ?? ".");
  const project = projectName(folder);
  const answers = await readAnswers(options);
  const kept = writeFiles(folder, projectFiles(project, answers));
  for (const path of kept) print(`kept  ${path}, which exists`);
  if (kept.includes("package.json")) {
    print('To use this package.json: npm install restlake, and set "type": "module".');
  }
  if (kept.includes("serverless.yml")) print("To use this serverless.yml: add restlake/plugin to its plugins.");
  const inside = relative(from, folder).startsWith("..") ? folder : relative(from, folder);
  print(
    [
      "Next steps:",
      ...(inside === "" ? [] : [`  cd ${inside}`]),
      "  npm install",
      ...(answers.auth === "none" ? [] : ["  cp .env.example .env, and write the key into it"]),
      `  npx restlake check ${answers.name} --live`,
      `  npx restlake sync ${answers.name}`,
    ].join("\n"),
  );
  return EXIT.done;
};
