import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ABANDONED_NEXT_STEP } from "../../lib/errors/next-step.ts";
import type { RunReport } from "../../lib/report/run-report.ts";
import { reply, startApi } from "../configs/conversation.fixture.ts";
import { restlake } from "./command.fixture.ts";
import { readTable } from "./lake.fixture.ts";

const PAGES = 4;
const IDS = Array.from({ length: 2 * PAGES }, (_, id) => id + 1);
const KEY = "next-steps-key-8d1f";

let folder: string;
let api: Awaited<ReturnType<typeof startApi>>;
/** Numbers of pages whose next request gets this status. */
let failing: Map<number, number>;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "restlake-next-"));
  failing = new Map();
  api = await startApi(({ url, text }) => {
    if (!text.includes(`x-api-key: ${KEY}`)) return reply(401, { error: "wrong key" });
    // Page 0 is the first one, as many APIs have it.
    const page = Math.max(1, Number(url.searchParams.get("page") ?? 1));
    const status = failing.get(page);
    failing.delete(page);
    if (status !== undefined) return reply(status, { error: "unavailable" });
    const isGap = url.pathname === "/gaps" && page % 4 !== 0;
    const number = url.pathname === "/gaps" ? page / 4 : page;
    const data = isGap || number > PAGES ? [] : [{ id: 2 * number - 1 }, { id: 2 * number }];
    return { data, has_more: number < PAGES, next: `${url.pathname}?page=${page + 1}`.repeat(number < PAGES ? 1 : 0) };
  });
});

afterEach(async () => {
  await api[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const NUMBERED = { type: "page_number", base_page: 1, has_more_path: "has_more" };

const sync = (endpoint: object, { settings = {}, args = [] as string[], key = KEY } = {}) => {
  const config = {
    name: "shop",
    client: {
      base_url: api.url,
      max_concurrency: 1,
      auth: { type: "api_key", name: "x-api-key", api_key: { secret: "api_key" } },
      error_handler: { max_retries: 0 },
    },
    resources: [{ name: "rows", endpoint: { path: "rows", data_selector: "data", paginator: NUMBERED, ...endpoint } }],
    settings: { file_max_items: 2, ...settings },
  };
  writeFileSync(join(folder, "shop.json"), JSON.stringify(config));
  return restlake(["sync", "shop.json", "--out", "lake", "--secret", `api_key=${key}`, ...args], folder);
};

const reports = (): RunReport[] => {
  const path = join(folder, "lake/s3/lake/reports/shop");
  const names = readdirSync(path).filter((name) => /Z-[0-9a-f]+\.json$/.test(name));
  return names.sort().map((name) => JSON.parse(readFileSync(join(path, name), "utf8")) as RunReport);
};

const nextStep = (): string => reports().at(-1)?.resources[0]?.error?.next_step ?? "";

const expectEveryRowOnce = () => {
  const [table, ...others] = readTable(join(folder, "lake"), "shop", "rows");
  expect(others).toEqual([]);
  expect(table?.rows.map(({ id }) => id)).toEqual(IDS);
};

interface Failure {
  /** Error of the first run. */
  error: string;
  broken: Parameters<typeof sync>;
  /** Text of the next step. */
  step: RegExp;
  fixed: Parameters<typeof sync>;
  /** Requested pages of the second run. */
  pages?: number;
}

const NEW_RUN = { args: ["--new-run"] };
const FAILURES: Record<string, Failure> = {
  "an API that was down": {
    error: "HttpError",
    broken: [{ path: "rows" }],
    step: /If the API was down, start the state machine again\. It resumes where it stopped\./,
    fixed: [{ path: "rows" }],
    pages: 2,
  },
  "a wrong key": {
    error: "AuthError",
    broken: [{}, { key: "other-key-55aa" }],
    step: /^Put a valid key into the source's secret, .*start the state machine again\./,
    fixed: [{}],
  },
  "a wrong selector": {
    error: "SelectorError",
    broken: [{ data_selector: "items" }],
    step: /^Set data_selector .*start the state machine again\. It resumes where it stopped\.$/,
    fixed: [{}],
  },
  "a wrong first page": {
    error: "RepeatedPageError",
    broken: [{ paginator: { ...NUMBERED, base_page: 0 } }],
    step: /^Correct the paginator or its base_page\. Then start the state machine with \{"new_run": true\}/,
    fixed: [{}, NEW_RUN],
  },
  "too many empty pages": {
    error: "IncompleteError",
    broken: [{ path: "gaps", paginator: "json_link" }, { settings: { max_empty_pages: 2 } }],
    step: /write the paginator, selector or setting that it names\. Then start the state machine again\. It resumes/,
    fixed: [{ path: "gaps", paginator: "json_link" }, { settings: { max_empty_pages: 4 } }],
  },
  "a flag at another path": {
    error: "ResponseError",
    broken: [{ paginator: { ...NUMBERED, has_more_path: "more" } }],
    step: /correct the config\. Then start the state machine again\. It resumes where it stopped\. If the change needs a new run/,
    fixed: [{}, NEW_RUN],
  },
};

describe("C: the next step of a failed run works when it is followed, and its message is printed once:", () => {
  test.each(Object.entries(FAILURES))("%s", async (_, { error, broken, step, fixed, pages }) => {
    if (error === "HttpError") failing.set(3, 418);
    const failed = await sync(...broken);
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(new RegExp(`^shop\\.rows: ${error}: `));
    const isLost = error === "RepeatedPageError";
    expect(failed.err).toMatch(
      isLost
        ? /^RunFailedError: .*\. Run \S+ stays open: correct the cause, then start with new_run$/m
        : /^RunFailedError: .*\. The next start resumes run \S+$/m,
    );
    // The message of the failure is printed once.
    const [, message] = new RegExp(`${error}: (.*)`).exec(failed.err) ?? [];
    expect(`${failed.out}${failed.err}`.split(message as string)).toHaveLength(2);
    expect(nextStep()).toMatch(step);
    api.requests.length = 0;
    expect(await sync(...fixed)).toMatchObject({ code: 0, err: "" });
    if (pages !== undefined) expect(api.requests).toHaveLength(pages);
    expectEveryRowOnce();
  });

  test("a start without new_run after a change of the paginator names it, and that start works", async () => {
    await sync({ paginator: { ...NUMBERED, base_page: 0 } });
    const changed = await sync({});
    expect(changed.err).toMatch(/CheckpointError: .*the config changed .*: undo the change, or start with new_run/);
    expect(changed.err).toMatch(/^RunFailedError: .*stays open: correct the cause, then start with new_run$/m);
    expect(nextStep()).toBe(
      'Follow the message. Where it says new_run, start the state machine with {"new_run": true}.',
    );
    expect(await sync({}, NEW_RUN)).toMatchObject({ code: 0, err: "" });
    expectEveryRowOnce();
  });
});

describe("a run that is abandoned", () => {
  test("is replaced by a new run in the same execution, and its report names that run instead of a resume", async () => {
    const settings = { fresh_after: 1 };
    failing.set(3, 418);
    expect(await sync({}, { settings })).toMatchObject({ code: 1 });
    await sleep(1100);
    failing.set(3, 418);
    expect(await sync({}, { settings })).toMatchObject({ code: 0 });
    const [abandoned, replacement, ...others] = reports();
    expect(others).toEqual([]);
    expect(abandoned).toMatchObject({
      ...{ status: "failed", closed: true },
      resources: [{ error: { name: "HttpError", next_step: ABANDONED_NEXT_STEP } }],
    });
    expect(replacement).toMatchObject({ status: "done", resources: [{ error: null, rows: IDS.length }] });
    expectEveryRowOnce();
  });
});
