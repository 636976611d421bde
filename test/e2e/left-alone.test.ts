import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { restlake, start, withoutPatience } from "../cli/command.fixture.ts";
import { readTable } from "../cli/lake.fixture.ts";
import { type Shop, startShop } from "../cli/shop.fixture.ts";
import { until } from "../until.ts";
import { type Descendants, followDescendants } from "./processes.fixture.ts";

const SOURCE = "inventory_management";
/** Where the framework works. */
const WORK = join(import.meta.dirname, "../../.esbuild");

const folder = mkdtempSync(join(tmpdir(), "restlake-left-"));
let shop: Shop;

beforeAll(async () => {
  shop = await startShop();
});

afterAll(async () => {
  await shop.close();
  rmSync(folder, { recursive: true, force: true });
});

/** `npm start -- inventory_management`, when it has printed this and has so many descendants. */
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
  test("killed with SIGKILL while it compiles leaves no process behind, and the next one takes what it left", async () => {
    const killed = await startUntil("compiling", /^Compiling/m, 1);
    killed.running.child.kill("SIGKILL");
    await killed.running.ended;
    await killed.descendants.gone();

    const { running, descendants } = await startUntil("compiling", /^Compiling/m, 1);
    // What compiles is frozen: the command ends only if it does not wait for that.
    signalAll(descendants, "SIGSTOP");
    running.child.kill("SIGINT");
    const { code, err } = await running.ended;
    expect({ code, err: withoutPatience(err) }).toEqual({ code: 130, err: "Stopped; nothing was begun.\n" });
    await descendants.gone();
    for (const { child } of [killed.running, running]) expect(foldersOf(child.pid)).toEqual([]);
  });

  test("killed with SIGKILL while the Lambdas run leaves no process behind", async () => {
    const { running, descendants } = await startUntil("killed", /^Up: /m, 3);
    expect(descendants.alive().length).toBeGreaterThan(0);
    running.child.kill("SIGKILL");
    await running.ended;
    await descendants.gone();
  });

  test("says that serverless-offline is gone when it is, instead of failing one resource after the other", async () => {
    const { running, descendants } = await startUntil("gone", /^Up: /m, 3);
    signalAll(descendants, "SIGKILL");
    const { code, out, err } = await running.ended;
    expect(code).toBe(1);
    expect(err).toMatch(/^ServerlessError: serverless-offline ended \(SIGKILL\), and with it the Lambdas\./);
    expect(out).not.toMatch(/^failed/m);
    expect(foldersOf(running.child.pid)).toEqual([]);
  });

  test("stopped with Ctrl-C while the Lambdas run says so, and sync goes on with its run at once", async () => {
    const { running, descendants } = await startUntil("stopped", /^Up: /m, 3);
    running.child.kill("SIGINT");
    const { code, out, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).toContain("Stopped; what was read is kept. The same command goes on from there.\n");
    expect(out).toMatch(/^total +0\/1 /m);
    await descendants.gone();
    expect(readTable(join(folder, "stopped"), SOURCE, "inventory_items")).toEqual([]);

    // Nobody holds the source's lease any more: another API is asked, and says no.
    const args = ["--out", "stopped", "--secret", "api_key=wrong", "--base-url", shop.url];
    const next = await restlake(["sync", SOURCE, ...args], folder);
    expect(next.err).toContain(`${SOURCE}.inventory_items: AuthError: `);
  });
});
