import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { freePort } from "../../local/free-port.ts";
import { killGroup } from "../../local/serverless.ts";
import { until } from "../until.ts";
import { pythonCommand } from "./python.fixture.ts";

const LAUNCHER = fileURLToPath(new URL("exit_with_parent.py", import.meta.url));
/** Number of characters at the end of the log that a failure shows. */
const TAIL = 6_000;

/** Region of everything in the emulator; the default in serverless.yml. */
export const REGION = "eu-central-1";

/** A running emulator of AWS. */
export interface Emulator {
  /** For AWS_ENDPOINT_URL. With an IP address: the SDK would prefix a host name with the bucket. */
  url: string;
  /** Options of every SDK client. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Folder with all data; removed on close. */
  folder: string;
  /** Returns the end of the emulator's log. */
  tail(): string;
  close(): Promise<void>;
}

/**
 * Starts MiniStack in a process group that ends with this process, even if this process is killed. Its Lambdas run with the
 * same Node as this process.
 *
 * @param options.wait_scale factor for the waits of state machines
 */
export const startEmulator = async ({ wait_scale = 1 } = {}): Promise<Emulator> => {
  const folder = mkdtempSync(join(tmpdir(), "restlake-aws-"));
  for (const name of ["home", "tmp"]) mkdirSync(join(folder, name));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = join(folder, "emulator.log");
  const log = openSync(file, "a");
  const child = spawn(pythonCommand("emulator", "python"), [LAUNCHER, "ministack.app"], {
    // No other variables of this process: the Lambdas would inherit them.
    env: {
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      HOME: join(folder, "home"),
      TMPDIR: join(folder, "tmp"),
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: REGION,
      S3_DATA_DIR: join(folder, "s3"),
      STATE_DIR: join(folder, "state"),
      SFN_WAIT_SCALE: String(wait_scale),
    },
    stdio: ["pipe", log, log],
    detached: true,
  });
  closeSync(log);
  const tail = () => readFileSync(file, "utf8").slice(-TAIL);
  const close = async () => {
    const gone = child.exitCode !== null || child.signalCode !== null ? null : once(child, "close");
    killGroup(child);
    await gone;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  try {
    await until("the emulator responds", async () => {
      if (child.exitCode !== null) throw new Error(`the emulator ended while starting:\n${tail()}`);
      return fetch(url).then(
        () => true,
        () => false,
      );
    });
  } catch (error) {
    await close();
    throw error;
  }
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return { url, client: { endpoint: url, region: REGION, credentials }, folder, tail, close };
};
