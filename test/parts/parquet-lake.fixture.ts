import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { bucketFolder } from "../../infra/lake-folder.ts";
import { type FileFormat, SYSTEM_COLUMNS, type TableColumn } from "../../lib/columns/table-schema.ts";
import { encode } from "../../lib/columns/types.ts";
import type { ResolvedSource } from "../../lib/config/resolve.ts";
import type { Outcome } from "../../lib/extract/outcome.ts";
import { type Json, stringifyJson } from "../../lib/json/index.ts";
import { partKey } from "../../lib/lake/keys.ts";
import type { Manifest } from "../../lib/lake/manifest.ts";
import { NO_TRANSITIONS } from "../../lib/metering/transitions.ts";
import { createPart } from "../../lib/parts/formats.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { finish } from "../../lib/run/finish.ts";
import { open } from "../../lib/run/open.ts";
import { resourceFactsOf } from "../../lib/run/source-facts.ts";
import { work } from "../../lib/run/work.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { connectLake, startLake } from "../../local/bucket.ts";
import { openLake } from "../../local/lake/index.ts";
import { type Respond, reply, startApi } from "../configs/conversation.fixture.ts";
import { type Config, sourceOf } from "../configs/run.fixture.ts";
import { silentAlarm } from "../fake-clock.ts";
import { ask, type HandmadeRun, type makeLake, putManifest } from "../local/lake.fixture.ts";

type HandmadeLake = Awaited<ReturnType<typeof makeLake>>;
type Row = Record<string, Json>;

/** A schema in a lake that is written by hand. */
export const putSchema = (lake: HandmadeLake, table: string, columns: TableColumn[], source = "shop"): Promise<void> =>
  lake.put(
    `schemas/${source}/${table}.json`,
    stringifyJson({
      version: 1,
      file_formats: ["jsonl", "parquet"],
      columns: [...SYSTEM_COLUMNS, ...columns],
      history: [],
    }),
  );

/** A run in a lake that is written by hand: its parts have these columns, in this format. */
export const putRun = async (
  lake: HandmadeLake,
  file_format: FileFormat,
  columns: TableColumn[],
  { table, resource = table, run_id, parts, ...facts }: Omit<HandmadeRun, "parts" | "finished"> & { parts: Row[][] },
  source = "shop",
): Promise<void> => {
  const address = { source, resource, table, run_id, selected: true, file_format };
  const all = [...SYSTEM_COLUMNS, ...columns];
  const records: Pick<Manifest["parts"][number], "key" | "part" | "rows">[] = [];
  let seq = 0;
  for (const [index, rows] of parts.entries()) {
    const part = createPart[file_format](all);
    const complete = rows.map(
      (row): Row => ({
        _run_id: run_id,
        _seq: ++seq,
        _extracted_at: "2026-11-16 03:00:00.250",
        ...row,
      }),
    );
    const cells = complete.map((row) =>
      all.map((column) => {
        const value = row[column.name] ?? null;
        return value === null ? null : String(encode(value, column));
      }),
    );
    await part.add(cells, 0);
    const key = partKey(address, index + 1);
    await lake.put(key, await part.finish());
    records.push({ key, part: index + 1, rows: rows.length });
  }
  await putManifest(lake.put, { source, resource, table, run_id, ...facts, parts: records });
};

/** The rows of a query on a lake that is opened for it alone. */
export const askOnce = async (out: string, sql: string): Promise<unknown[][]> => {
  using lake = await openLake(out);
  return await ask(lake, sql);
};

/** Fake time of a request: long, so that the budget's own timer, which counts real time, has no say. */
const REQUEST_TIME = 1_000_000;
/** What an invocation keeps back for its last part. */
const RESERVE = 10_000;
const DAY = 24 * 60 * 60 * 1000;

/** Pages of rows by path, asked for as `?page=1`; a page that is a number is a status of failure. */
export type Pages = Record<string, (Json[] | number)[]>;

/** How a source is run. */
export interface How {
  /** How many pages an invocation has time for; all, when it is left out. */
  pages?: number;
  /** How many invocations do the same work side by side. */
  writers?: number;
}

/** What a run came to. */
export interface Ran {
  run_id: string;
  /** The error of `finish`, or null. */
  failure: string | null;
  /** Resources that failed, with what they said. */
  failures: Record<string, { Error: string; Cause: string }>;
}

/** An API and a lake on this machine, behind sockets: sources are run from one to the other, invocation by invocation. */
export const startWorld = async (pages: Pages) => {
  const out = await mkdtemp(join(tmpdir(), "restlake-parquet-lake-"));
  const s3 = await startLake(out);
  const { bucket, close } = connectLake(s3.url);
  let before: ((request: string) => Promise<unknown>) | undefined;
  const answering: Respond = async ({ text, url }) => {
    await before?.(text);
    const page = pages[url.pathname]?.[Number(url.searchParams.get("page") ?? 1) - 1] ?? [];
    return typeof page === "number" ? reply(page) : reply(200, stringifyJson({ data: page }));
  };
  const api = await startApi(answering);
  let now = Date.parse("2026-11-20T03:00:00Z");
  let executions = 0;
  let invocations = 0;

  const ports = (isCut: boolean): Ports => ({
    bucket,
    secrets: { get: async () => "no secret" },
    fetch: (url, init) => {
      if (isCut) now += REQUEST_TIME;
      return fetch(url, init);
    },
    clock: {
      now: () => now,
      sleep: async (milliseconds) => {
        now += milliseconds;
      },
      alarm: silentAlarm,
      random: () => 0.5,
    },
    logger: { debug() {}, info() {}, warn() {} },
    redactor: createRedactor(),
  });

  /** The source's machine, said plainly. */
  const runSource = async (source: ResolvedSource, { pages: most, writers = 1 }: How): Promise<Ran> => {
    const isCut = most !== undefined;
    const common = { source: source.name, resources: resourceFactsOf(source), bounds: source.settings };
    const opened = await open(ports(isCut), {
      ...common,
      transitions: NO_TRANSITIONS,
      input: {},
      owner: `execution ${++executions}`,
    });
    if (opened.status !== "open") throw new Error("the run is somebody else's");
    const ran: Ran = { run_id: opened.run_id, failure: null, failures: {} };
    for (const { name } of source.resources) {
      let status: Outcome["status"] = "partial";
      while (status === "partial") {
        const time = isCut ? (most + 1) * REQUEST_TIME + RESERVE : 10 ** 9;
        try {
          const works = Array.from({ length: writers }, () =>
            work(ports(isCut), source, name, { run: { ...opened } }, { id: `invocation ${++invocations}`, time }),
          );
          const outcomes = await Promise.all(works);
          status = outcomes.some((outcome) => outcome.status === "partial") ? "partial" : "done";
        } catch (error) {
          const { name: kind, message } = error as Error;
          ran.failures[name] = { Error: kind, Cause: message };
          break;
        }
      }
    }
    await finish(ports(isCut), { ...common, run: opened, failures: ran.failures }).catch((error: Error) => {
      ran.failure = `${error.name}: ${error.message}`;
    });
    now += DAY;
    return ran;
  };

  return {
    out,
    /** What the API has; tests change it. */
    pages,
    asked: api.requests,
    ports: () => ports(false),
    /** Something happens before the answer to a request. */
    beforeAnswer(happens: typeof before) {
      before = happens;
    },
    /** A source of that API: every resource has pages of `data`. */
    source: (resources: Config["resources"], more: Omit<Config, "resources" | "client"> = {}): ResolvedSource =>
      sourceOf(api.url, {
        ...more,
        client: { paginator: { type: "page_number", base_page: 1, total_path: null } },
        resource_defaults: { ...more.resource_defaults, endpoint: { data_selector: "data" } },
        resources,
      }),
    run: (source: ResolvedSource, how: How = {}) => runSource(source, how),
    /** Keys of the lake. */
    keys: async (prefix = ""): Promise<string[]> => {
      const root = bucketFolder(out);
      const entries = await readdir(root, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => entry.isFile())
        .map((entry) => relative(root, join(entry.parentPath, entry.name)))
        .filter((key) => key.startsWith(prefix))
        .sort();
    },
    path: (key: string) => join(bucketFolder(out), key),
    /** What a download of the object says it is. */
    contentType: async (key: string): Promise<string | null> =>
      (await fetch(`${s3.url}/lake/${key}`, { method: "HEAD" })).headers.get("content-type"),
    json: async (key: string) => JSON.parse(await readFile(join(bucketFolder(out), key), "utf8")),
    manifest: async (table: string, run_id: string, resource = table): Promise<Manifest> =>
      JSON.parse(
        await readFile(join(bucketFolder(out), `manifests/shop/${table}/${run_id}-${resource}.json`), "utf8"),
      ) as Manifest,
    ask: (sql: string) => askOnce(out, sql),
    async [Symbol.asyncDispose]() {
      close();
      await api[Symbol.asyncDispose]();
      await s3.close();
      await rm(out, { recursive: true });
    },
  };
};

export type World = Awaited<ReturnType<typeof startWorld>>;
