import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { PROJECT } from "../infra/package.fixture.ts";

const run = promisify(execFile);

/** Result of a command. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** A user's project in an empty folder. */
export interface UserProject {
  folder: string;
  write(path: string, text: string): void;
  /** Runs a program in the project, as a user does. */
  run(program: string, args: string[], env?: Record<string, string>): Promise<Ended>;
  /** Runs `npx restlake`. */
  restlake(args: string[], env?: Record<string, string>): Promise<Ended>;
}

/** The environment of a user: without that of npm scripts and of tests, but with settings such as a proxy. */
const ENVIRONMENT = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|VITEST|TEST$|NODE_ENV$|INIT_CWD$)/.test(name)),
  ),
  NO_COLOR: "1",
};

const ended = async (running: Promise<{ stdout: string; stderr: string }>): Promise<Ended> => {
  try {
    const { stdout, stderr } = await running;
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout = "", stderr = "" } = error as { code: number; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw error;
    return { code, out: stdout, err: stderr };
  }
};

/** Builds the package as it is published. @returns the path of the tarball. */
export const packPackage = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "restlake-tarball-"));
  await run(process.execPath, [join(PROJECT, "tools/package/build.ts")], { cwd: PROJECT });
  await run("npm", ["pack", join(PROJECT, "dist"), "--pack-destination", folder], { cwd: PROJECT });
  return join(folder, readdirSync(folder)[0] as string);
};

/** Packs create-restlake as it is published. @returns the path of the tarball. */
export const packCreate = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), "restlake-tarball-"));
  await run("npm", ["pack", join(PROJECT, "create-restlake"), "--pack-destination", folder], { cwd: PROJECT });
  return join(folder, readdirSync(folder)[0] as string);
};

/** Makes a project that contains nothing. */
export const emptyProject = (): UserProject => {
  const folder = mkdtempSync(join(tmpdir(), "restlake-user-"));
  const project: UserProject = {
    folder,
    write(path, text) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    run(program, args, env = {}) {
      const options = { cwd: folder, env: { ...ENVIRONMENT, ...env }, maxBuffer: 2 ** 26 };
      return ended(run(program, args, options));
    },
    restlake: (args, env) => project.run("npx", ["--no-install", "restlake", ...args], env),
  };
  return project;
};
