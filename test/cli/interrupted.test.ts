import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { COMMAND, type Ended, jsonLines, restlake, start, withoutStopNote } from "./command.fixture.ts";
import { readObject, readTable } from "./lake.fixture.ts";
import { KEY, PAGE, type Shop, startShop } from "./shop.fixture.ts";

const INTERRUPT = pathToFileURL(join(import.meta.dirname, "../../cli/interrupt.ts")).href;
const PAGES = 12;
/** Seconds. Longer than any test takes. */
const LONG_WAIT = 3600;
/** Rows of a part. Some parts are committed before the process is stopped. */
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

/** Starts the command and waits until it has requested a page, which gets no response. */
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
  test("exits with 130, keeps every page that was read, prints how to resume, and the same command resumes after these pages", async () => {
    const running = await startUntilPage(8);
    running.child.kill("SIGINT");
    const { code, out, err } = await running.ended;
    const { run_id } = openRun();
    expect(code).toBe(130);
    expect(withoutStopNote(err)).toBe(
      `Stopped. All pages read so far are kept. To resume run ${run_id}, run the same command.\n`,
    );
    expect(out).toMatch(/^shop\.items +partial +35 +7 +4 /m);
    expect(JSON.parse(readObject(lake(), `state/shop/${run_id}/items.json`))).toMatchObject({ part: 4 });
    expect(runs()).toEqual([]);
    expect(existsSync(join(lake(), "s3/lake/reports"))).toBe(false);

    shop.requests.length = 0;
    expect(await sync()).toMatchObject({ code: 0, err: "" });
    expect(shop.pages("/items")).toEqual(from(8));
    expect(runs().map((run) => run.run_id)).toEqual([run_id]);
    expectEveryRowOnce();
  });

  test("prints the summary as the last line of --json", async () => {
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

  test("ends a wait of the state machine, and prints the command without --new-run", async () => {
    shop.respondAt("/items", 3, 429, { "retry-after": String(LONG_WAIT) });
    const running = start([...command, "--new-run"], shop.folder);
    await running.prints(new RegExp(`^waiting +shop\\.items: retries in ${LONG_WAIT} s$`, "m"));
    running.child.kill("SIGINT");
    const { code, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).toMatch(/To resume run \S+, run the same command without --new-run\.\n$/);
  });

  test("received twice at the same time counts once, because npm forwards the signal that the terminal has already sent", async () => {
    const running = await startUntilPage(4);
    // A stopped process gets all signals at the same time when it continues.
    for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) running.child.kill(signal);
    const { code, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).toContain("Stopped. All pages read so far are kept.");
  });

  test("prints the counts of this execution, not those of an earlier failure", async () => {
    shop.respondAt("/items", 3, 418);
    const failed = await sync();
    expect(failed.code).toBe(1);
    const running = await startUntilPage(6);
    running.child.kill("SIGINT");
    const { out } = await running.ended;
    expect(out).toMatch(/^shop\.items +partial +25 +5 /m);
  });
});

test("a run stops when npm is killed, although the shell in between does not forward the signal", async () => {
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
  // The run itself has closed its output as well.
  await once(shell, "close");
  expect(err).toContain("Stopped. All pages read so far are kept.");
});

test("a second Ctrl-C ends the process immediately, and the first one explains that", async () => {
  const slow = `
    import { onInterrupt } from ${JSON.stringify(INTERRUPT)};
    onInterrupt(console.error);
    setInterval(() => {}, 60_000);
    console.log("ready");`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", slow], { stdio: ["ignore", "pipe", "pipe"] });
  await once(child.stdout, "data");
  child.kill("SIGINT");
  const [word] = await once(child.stderr, "data");
  expect(String(word)).toBe("Finishing the current page. Press Ctrl-C again to quit now.\n");
  child.kill("SIGINT");
  expect(await once(child, "close")).toEqual([130, null]);
});

test("a run stops as on Ctrl-C when its output is closed", async () => {
  const running = await startUntilPage(3, "--json");
  running.child.stdout?.destroy();
  shop.release();
  const { code, err } = await running.ended;
  expect(code).toBe(130);
  expect(err).toContain("Stopped. All pages read so far are kept.");
  expect(await sync()).toMatchObject({ code: 0 });
  expectEveryRowOnce();
});

test("the next start after SIGKILL resumes immediately, does not read committed pages again, and loads every row once", async () => {
  const killed = await startUntilPage(8);
  killed.child.kill("SIGKILL");
  expect((await killed.ended).code).toBeNull();
  const { run_id } = openRun();
  expect(openRun()).toMatchObject({ lease: { owner: expect.stringMatching(/^local:/) } });

  shop.requests.length = 0;
  expect(await sync()).toMatchObject({ code: 0, err: "" });
  // A part has two pages: page 7 was read but not committed, and the part before it may have been in flight.
  expect([from(5), from(7)]).toContainEqual(shop.pages("/items"));
  expect(runs().map((run) => run.run_id)).toEqual([run_id]);
  expectEveryRowOnce();
});

test("a second sync of the same source prints who holds the lease until when, and does nothing", async () => {
  const first = await startUntilPage(5);
  const asked = shop.requests.length;
  const [second, asJson] = await Promise.all([sync(), sync("--json")]);
  expect(second.code).toBe(1);
  const { lease } = openRun() as unknown as { lease: { owner: string; expires_at: string } };
  expect(second.err).toBe(
    `shop is already running (lease held by ${lease.owner} until ${lease.expires_at}): start it again after that execution has ended\n`,
  );
  expect(lease.owner.split(":").at(2)).toContain(`${first.child.pid}.`);
  expect(second.out).toMatch(/^shop\.items +not started +0 /m);
  expect(asJson).toMatchObject({ code: 1, err: second.err });
  expect(jsonLines(asJson.out).at(-1)).toMatchObject({ resources: [{ status: "not_started", rows: 0 }] });
  expect(shop.requests.length).toBe(asked);

  shop.release();
  expect((await first.ended).code).toBe(0);
  expect(runs()).toHaveLength(1);
  expectEveryRowOnce();
});

test("--new-run abandons the open run and starts a new one", async () => {
  const running = await startUntilPage(8);
  running.child.kill("SIGINT");
  await running.ended;
  const { run_id } = openRun();
  shop.requests.length = 0;
  expect(await sync("--new-run")).toMatchObject({ code: 0 });
  expect(shop.pages("/items")).toEqual(from(1));
  expect(runs()).toHaveLength(1);
  expect(runs()[0]?.run_id).not.toBe(run_id);
  expectEveryRowOnce();
});

test("the next start resumes a failed run", async () => {
  shop.respondAt("/items", 6, 418);
  const { code, out, err } = await sync();
  expect(code).toBe(1);
  expect(out).toMatch(/^shop\.items +failed +25 +5 +3 /m);
  expect(err.split("\n")).toEqual([
    expect.stringMatching(/^shop\.items: HttpError: page 6, GET http:\S+: the API returned 418: \{\}$/),
    `RunFailedError: shop: 1 of 1 resources failed: items (HttpError). The next start resumes run ${openRun().run_id}`,
    "",
  ]);
  expect(runs()).toEqual([]);
  expect(readFileSync(join(lake(), "s3/lake/reports/shop", `${openRun().run_id}.json`), "utf8")).toContain('"failed"');

  shop.requests.length = 0;
  expect(await sync()).toMatchObject({ code: 0 });
  expect(shop.pages("/items")).toEqual(from(6));
  expectEveryRowOnce();
});
