import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { inflateRawSync } from "node:zlib";
import { WORK_FOLDER } from "../../local/service-folder.ts";

/** The project's folder. */
export const PROJECT = fileURLToPath(new URL("../..", import.meta.url));

/** Files and folders that a copy of the project does not need. */
const LEFT_BEHIND = [
  "node_modules",
  ".git",
  ".local",
  ".serverless",
  WORK_FOLDER,
  ".venv",
  "coverage",
  "test",
  "docs",
  "bench",
];

/** Copies the project. @returns the folder, which the test removes. */
export const copyProject = (): string => {
  const project = mkdtempSync(join(tmpdir(), "restlake-project-"));
  cpSync(PROJECT, project, { recursive: true, filter: (path) => !LEFT_BEHIND.includes(basename(path)) });
  symlinkSync(join(PROJECT, "node_modules"), join(project, "node_modules"));
  return project;
};

/** A resource of a compiled template. */
export interface CompiledResource {
  Type: string;
  Properties: Record<string, unknown>;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

/** The template that CloudFormation receives. */
export interface CompiledTemplate {
  Resources: Record<string, CompiledResource>;
  Outputs: Record<string, { Value: unknown }>;
}

/** Runs osls in a project's folder, without AWS credentials and with a separate build folder. */
export const runFramework = async (project: string, args: string[]): Promise<{ code: number; output: string }> => {
  const framework = join(project, "node_modules/serverless/bin/serverless.js");
  // The framework leaves files in both.
  const nobody = mkdtempSync(join(tmpdir(), "restlake-nobody-"));
  const child = spawn(process.execPath, [framework, ...args], {
    cwd: project,
    env: {
      PATH: process.env.PATH,
      HOME: nobody,
      TMPDIR: nobody,
      SLS_TELEMETRY_DISABLED: "1",
      FORCE_COLOR: "0",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, "close");
  rmSync(nobody, { recursive: true, force: true });
  return { code, output: Buffer.concat(chunks).toString() };
};

/**
 * Packages a project into a folder, as `npm run package` does.
 *
 * @param more arguments such as `--param=...`.
 * @returns the output of osls, and the compiled template.
 */
export const packageStack = async (
  project: string,
  folder: string,
  more: string[] = [],
): Promise<{ output: string; template: CompiledTemplate }> => {
  const { code, output } = await runFramework(project, ["package", `--package=${folder}`, ...more]);
  if (code !== 0) throw new Error(`packaging failed:\n${output}`);
  return {
    output,
    template: JSON.parse(readFileSync(resolve(project, folder, "cloudformation-template-update-stack.json"), "utf8")),
  };
};

/** Returns the resources of a type, by logical id. */
export const ofType = ({ Resources }: CompiledTemplate, type: string): Record<string, CompiledResource> =>
  Object.fromEntries(Object.entries(Resources).filter(([, { Type }]) => Type === type));

/** Returns the files in a zip, by name. Reads the central directory at its end (APPNOTE 4.3). */
export const unzip = (path: string): Map<string, Buffer> => {
  const zip = readFileSync(path);
  const end = zip.lastIndexOf(Buffer.from("PK\u0005\u0006", "latin1"));
  const files = new Map<string, Buffer>();
  let entry = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, header] = [
      zip.readUInt16LE(entry + 10),
      zip.readUInt32LE(entry + 20),
      zip.readUInt32LE(entry + 42),
    ];
    const [name, extra, comment] = [28, 30, 32].map((at) => zip.readUInt16LE(entry + at)) as [number, number, number];
    const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const content = zip.subarray(start, start + size);
    files.set(zip.toString("utf8", entry + 46, entry + 46 + name), method === 0 ? content : inflateRawSync(content));
    entry += 46 + name + extra + comment;
  }
  return files;
};
