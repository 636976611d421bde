import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WORK_FOLDER } from "../../local/service-folder.ts";
import { restlake, start, withoutStopNote } from "../cli/command.fixture.ts";
import { readTable } from "../cli/lake.fixture.ts";
import { type Shop, startShop } from "../cli/shop.fixture.ts";
import { until } from "../until.ts";
import { type Descendants, followDescendants } from "./processes.fixture.ts";

const SOURCE = "inventory_management";
/** Working folder of the Serverless Framework. */
const WORK = join(import.meta.dirname, "../..", WORK_FOLDER);

const folder = mkdtempSync(join(tmpdir(), "restlake-left-"));
let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});

afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `npm start -- inventory_management`, and waits for an output and a number of descendants. */
const startUntil = async (out: string, pattern: RegExp, count: number) => {
  const running = start(["start", SOURCE, "--out", out], folder);
  const descendants = followDescendants(running.child.pid as number);
  await running.prints(pattern);
  await until(`it has ${count} descendants`, () => descendants.seen() >= count);
  return { running, descendants };
};

const signalAll = (descendants: Descendants, signal: NodeJS.Signals) => {
  for (const process of descendants.alive()) kill(Number.parseInt(process, 10), signal);
};

const foldersOf = (pid: number | undefined) => readdirSync(WORK).filter((name) => name.startsWith(`${pid}.`));

describe.concurrent("npm start", () => {
  test("leaves no process running after SIGKILL during compilation, and the next one removes its files", async () => {
    const killed = await startUntil("compiling", /^Compiling/m, 1);
    killed.running.child.kill("SIGKILL");
    await killed.running.ended;
    await killed.descendants.gone();

    const { running, descendants } = await startUntil("compiling", /^Compiling/m, 1);
    // The compiler is frozen: the command ends only if it does not wait for it.
    signalAll(descendants, "SIGSTOP");
    running.child.kill("SIGINT");
    const { code, err } = await running.ended;
    expect({ code, err: withoutStopNote(err) }).toEqual({ code: 130, err: "Stopped. Nothing was loaded.\n" });
    await descendants.gone();
    for (const { child } of [killed.running, running]) expect(foldersOf(child.pid)).toEqual([]);
  });

  test("leaves no process running after SIGKILL during the run", async () => {
    const { running, descendants } = await startUntil("killed", /^Ready: /m, 3);
    expect(descendants.alive().length).toBeGreaterThan(0);
    running.child.kill("SIGKILL");
    await running.ended;
    await descendants.gone();
  });

  test("reports once that serverless-offline has ended, instead of once for each resource", async () => {
    const { running, descendants } = await startUntil("gone", /^Ready: /m, 3);
    signalAll(descendants, "SIGKILL");
    const { code, out, err } = await running.ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^ServerlessError: serverless-offline and its Lambdas ended unexpectedly \(SIGKILL\): /);
    expect(out).not.toMatch(/^failed/m);
    expect(foldersOf(running.child.pid)).toEqual([]);
  });

  test("prints how to resume after Ctrl-C during the run, and sync resumes the run immediately", async () => {
    const { running, descendants } = await startUntil("stopped", /^Ready: /m, 3);
    running.child.kill("SIGINT");
    const { code, out, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).toContain("Stopped. All pages read so far are kept. To resume, run the same command.\n");
    expect(out).toMatch(/^total +0\/1 /m);
    await descendants.gone();
    expect(readTable(join(folder, "stopped"), SOURCE, "inventory_items")).toEqual([]);

    // The lease is released: sync sends a request, to another API, which rejects the key.
    const args = ["--out", "stopped", "--secret", "api_key=wrong", "--base-url", shop.url];
    const next = await restlake(["sync", SOURCE, ...args], folder);
    expect(next.err).toContain(`${SOURCE}.inventory_items: AuthError: `);
  });
});
