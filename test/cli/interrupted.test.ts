import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COMMAND, type Ended, jsonLines, restlake, start, withoutPatience } from "./command.fixture.ts";
import { readObject, readTable } from "./lake.fixture.ts";
import { KEY, PAGE, type Shop, startShop } from "./shop.fixture.ts";

const INTERRUPT = pathToFileURL(join(import.meta.dirname, "../../cli/interrupt.ts")).href;
const PAGES = 12;
/** Seconds: longer than any test may take. */
const LONG_WAIT = 3600;
/** Rows of a part, so that a process has committed some before it is stopped. */
const PART = 2 * PAGE;
const ALL = Array.from({ length: PAGES * PAGE }, (_, index) => index + 1);
const upTo = (page: number) => Array.from({ length: page }, (_, index) => index + 1);
const from = (page: number) => upTo(PAGES + 1).slice(page - 1);

let shop: Shop;
let command: string[];

beforeEach(async () => {
  shop = await startShop({ pages: PAGES });
  shop.config("shop.json", { settings: { file_max_items: PART } });
  command = ["sync", "shop.json", "--resource", "items", "--out", "lake", "--secret", `api_key=${KEY}`];
});

afterEach(() => shop.close());

const sync = (...args: string[]): Promise<Ended> => restlake([...command, ...args], shop.folder);
const lake = () => join(shop.folder, "lake");
const runs = () => readTable(lake(), "shop", "items");
const openRun = () => JSON.parse(readObject(lake(), "state/shop/run.json")) as { run_id: string };

const expectEveryRowOnce = (run = 0) => {
  expect(runs()[run]?.rows.map(({ id }) => id)).toEqual(ALL);
  expect(runs()[run]?.rows.map(({ _seq }) => _seq)).toEqual(ALL);
};

/** Starts the command and waits until it asks for a page, which it does not get. */
const startUntilPage = async (page: number, ...args: string[]) => {
  const arrived = shop.hangAt("/items", page);
  const running = start([...command, ...args], shop.folder);
  await Promise.race([
    arrived,
    running.ended.then(({ err }) => {
      throw new Error(`ended before page ${page}: ${err}`);
    }),
  ]);
  return running;
};

describe("Ctrl-C", () => {
  test("ends with 130 and a word on how to go on, keeps every page that was read, and the same command goes on behind them", async () => {
    const running = await startUntilPage(8);
    running.child.kill("SIGINT");
    const { code, out, err } = await running.ended;
    const { run_id } = openRun();
    expect(code).toBe(130);
    expect(withoutPatience(err)).toBe(`Stopped; what was read is kept. The same command goes on with run ${run_id}.\n`);
    expect(out).toMatch(/^shop\.items +partial +35 +7 +4 /m);
    expect(JSON.parse(readObject(lake(), `state/shop/${run_id}/items.json`))).toMatchObject({ part: 4 });
    expect(runs()).toEqual([]);
    expect(existsSync(join(lake(), "s3/lake/reports"))).toBe(false);

    shop.asked.length = 0;
    expect(await sync()).toMatchObject({ code: 0, err: "" });
    expect(shop.pages("/items")).toEqual(from(8));
    expect(runs().map((run) => run.run_id)).toEqual([run_id]);
    expectEveryRowOnce();
  });

  test("in --json, the summary still comes last", async () => {
    const running = await startUntilPage(4, "--json");
    running.child.kill("SIGINT");
    const { code, out } = await running.ended;
    expect(code).toBe(130);
    expect(jsonLines(out).at(-1)).toMatchObject({
      type: "summary",
      run_id: openRun().run_id,
      resources: [{ resource: "items", status: "partial", rows: 15, pages: 3, error: null }],
    });
  });

  test("during a wait of the state machine ends the wait, and the message leaves out --new-run", async () => {
    shop.answerAt("/items", 3, 429, { "retry-after": String(LONG_WAIT) });
    const running = start([...command, "--new-run"], shop.folder);
    await running.prints(new RegExp(`^waiting +shop\\.items: asks again in ${LONG_WAIT} s$`, "m"));
    running.child.kill("SIGINT");
    const { code, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).toContain("The same command without --new-run goes on with run ");
  });

  test("twice at once counts once, because npm forwards what the terminal has sent already", async () => {
    const running = await startUntilPage(4);
    // A process that is stopped gets all of them together.
    for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) running.child.kill(signal);
    const { code, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).toContain("Stopped; what was read is kept.");
  });

  test("the counts of an earlier failure are not shown as this execution's", async () => {
    shop.answerAt("/items", 3, 418);
    const failed = await sync();
    expect(failed.code).toBe(1);
    const running = await startUntilPage(6);
    running.child.kill("SIGINT");
    const { out } = await running.ended;
    expect(out).toMatch(/^shop\.items +partial +25 +5 /m);
  });
});

test("when npm is killed, the run stops: the shell in between tells nobody", async () => {
  const arrived = shop.hangAt("/items", 4);
  const words = [process.execPath, COMMAND, ...command].map((word) => `'${word}'`).join(" ");
  const { PATH = "", HOME = "" } = process.env;
  const shell = spawn("sh", ["-c", `${words}; exit $?`], {
    cwd: shop.folder,
    env: { PATH, HOME, INIT_CWD: shop.folder, npm_lifecycle_event: "sync" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let err = "";
  shell.stderr.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  await arrived;
  shell.kill("SIGTERM");
  // Until the run itself has closed what it prints to.
  await once(shell, "close");
  expect(err).toContain("Stopped; what was read is kept.");
});

test("a second Ctrl-C ends what takes its time", async () => {
  const slow = `
    import { onInterrupt } from ${JSON.stringify(INTERRUPT)};
    onInterrupt(console.error);
    setInterval(() => {}, 60_000);
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", slow], { stdio: ["ignore", "pipe", "pipe"] });
  await once(child.stdout, "data");
  child.kill("SIGINT");
  const [word] = await once(child.stderr, "data");
  expect(String(word)).toBe("Stopping as soon as what is under way is safe; Ctrl-C again ends at once.\n");
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
});

test("output that nobody reads any more stops the run as Ctrl-C does", async () => {
  const running = await startUntilPage(3, "--json");
  running.child.stdout?.destroy();
  shop.release();
  const { code, err } = await running.ended;
  expect(code).toBe(130);
  expect(err).toContain("Stopped; what was read is kept.");
  expect(await sync()).toMatchObject({ code: 0 });
  expectEveryRowOnce();
});

test("SIGKILL: the next start goes on at once, without reading committed pages again, and every row is there once", async () => {
  const killed = await startUntilPage(8);
  killed.child.kill("SIGKILL");
  expect((await killed.ended).code).toBeNull();
  const { run_id } = openRun();
  expect(openRun()).toMatchObject({ lease: { owner: expect.stringMatching(/^local:/) } });

  shop.asked.length = 0;
  expect(await sync()).toMatchObject({ code: 0, err: "" });
  // Parts hold two pages each: page 7 was read, and not yet committed; the part before it may have been on its way.
  expect([from(5), from(7)]).toContainEqual(shop.pages("/items"));
  expect(runs().map((run) => run.run_id)).toEqual([run_id]);
  expectEveryRowOnce();
});

test("two at the same time: the second is told who works on it until when, and does nothing", async () => {
  const first = await startUntilPage(5);
  const asked = shop.asked.length;
  const [second, asJson] = await Promise.all([sync(), sync("--json")]);
  expect(second.code).toBe(1);
  const { lease } = openRun() as unknown as { lease: { owner: string; expires_at: string } };
  expect(second.err).toBe(
    `shop is being worked on by ${lease.owner}, until ${lease.expires_at} at the latest: nothing was done. Start it again later\n`,
  );
  expect(lease.owner.split(":").at(2)).toContain(`${first.child.pid}.`);
  expect(second.out).toMatch(/^shop\.items +not started +0 /m);
  expect(asJson).toMatchObject({ code: 1, err: second.err });
  expect(jsonLines(asJson.out).at(-1)).toMatchObject({ resources: [{ status: "not_started", rows: 0 }] });
  expect(shop.asked.length).toBe(asked);

  shop.release();
  expect((await first.ended).code).toBe(0);
  expect(runs()).toHaveLength(1);
  expectEveryRowOnce();
});

test("--new-run gives up the open run and begins a new one", async () => {
  const running = await startUntilPage(8);
  running.child.kill("SIGINT");
  await running.ended;
  const { run_id } = openRun();
  shop.asked.length = 0;
  expect(await sync("--new-run")).toMatchObject({ code: 0 });
  expect(shop.pages("/items")).toEqual(from(1));
  expect(runs()).toHaveLength(1);
  expect(runs()[0]?.run_id).not.toBe(run_id);
  expectEveryRowOnce();
});

test("a run that failed is gone on with by the next start", async () => {
  shop.answerAt("/items", 6, 418);
  const { code, out, err } = await sync();
  expect(code).toBe(1);
  expect(out).toMatch(/^shop\.items +failed +25 +5 +3 /m);
  expect(err.split("\n")).toEqual([
    "shop.items: HttpError: page 6: the API returned 418: {}",
    `RunFailedError: shop: 1 of 1 resources failed: items (HttpError). The next start resumes run ${openRun().run_id}`,
    "",
  ]);
  expect(runs()).toEqual([]);
  expect(readFileSync(join(lake(), "s3/lake/reports/shop", `${openRun().run_id}.json`), "utf8")).toContain('"failed"');

  shop.asked.length = 0;
  expect(await sync()).toMatchObject({ code: 0 });
  expect(shop.pages("/items")).toEqual(from(6));
  expectEveryRowOnce();
});
