import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { bucketFolder } from "../../infra/lake-folder.ts";
import { encode } from "../../lib/columns/encode.ts";
import { type FileFormat, SYSTEM_COLUMNS, type TableColumn } from "../../lib/columns/table-schema.ts";
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
import { DAY, SECOND } from "../../lib/time/durations.ts";
import { connectLake, startLake } from "../../local/bucket.ts";
import { openLake } from "../../local/lake/index.ts";
import { type Respond, reply, startApi } from "../configs/conversation.fixture.ts";
import { type Config, sourceOf } from "../configs/run.fixture.ts";
import { worldClock } from "../fake-clock.ts";
import type { ManifestFacts } from "../lake/manifest.fixture.ts";
import { ask, type HandmadeRun, type makeLake, putManifest } from "../local/lake.fixture.ts";

type HandmadeLake = Awaited<ReturnType<typeof makeLake>>;
type Row = Record<string, Json>;

/** Writes a schema into a handmade lake. */
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

/** Writes a run into a handmade lake. Its parts have these columns, in this format. */
export const putRun = async (
  lake: HandmadeLake,
  file_format: FileFormat,
  columns: TableColumn[],
  { table, resource = table, run_id, parts, ...facts }: Omit<HandmadeRun, "parts" | "finished"> & { parts: Row[][] },
  source = "shop",
): Promise<void> => {
  const address = { source, resource, table, run_id, selected: true, file_format };
  const all = [...SYSTEM_COLUMNS, ...columns];
  const records: ManifestFacts["parts"] = [];
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
    records.push({ key, rows: rows.length });
  }
  await putManifest(lake.put, { source, resource, table, run_id, ...facts, parts: records });
};

/** Opens a lake, runs one query, and returns its rows. */
export const askOnce = async (out: string, sql: string): Promise<unknown[][]> => {
  using lake = await openLake(out);
  return await ask(lake, sql);
};

/** Fake time of a request. Milliseconds. */
const REQUEST_TIME = 1_000_000;
/** Time that an invocation reserves for its last part. Milliseconds. */
const RESERVE = 10 * SECOND;

/** Pages of rows by path, requested as `?page=1`. A number in place of a page is an error status. */
export type Pages = Record<string, (Json[] | number)[]>;

/** Options of a run. */
export interface How {
  /** Pages that an invocation has time for; all by default. */
  pages?: number;
  /** Concurrent invocations that do the same work. */
  writers?: number;
}

/** Result of a run. */
export interface Ran {
  run_id: string;
  /** The error of `finish`, or null. */
  failure: string | null;
  /** Errors of failed resources. */
  failures: Record<string, { Error: string; Cause: string }>;
}

/** Starts an API and a lake on this machine. Sources run from one to the other, invocation by invocation. */
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
  const world = { now: Date.parse("2026-11-20T03:00:00Z") };
  let executions = 0;
  let invocations = 0;

  const ports = (isCut: boolean): Ports => ({
    bucket,
    secrets: { get: async () => "no secret", put: async () => {} },
    fetch: (url, init) => {
      if (isCut) world.now += REQUEST_TIME;
      return fetch(url, init);
    },
    clock: worldClock(world),
    logger: { debug() {}, info() {}, warn() {} },
    redactor: createRedactor(),
  });

  /** Runs a source as its state machine does. */
  const runSource = async (source: ResolvedSource, { pages: maxPages, writers = 1 }: How): Promise<Ran> => {
    const isCut = maxPages !== undefined;
    const common = { source: source.name, resources: resourceFactsOf(source), bounds: source.settings };
    const opened = await open(ports(isCut), {
      ...common,
      transitions: NO_TRANSITIONS,
      input: {},
      owner: `execution ${++executions}`,
    });
    if (opened.status !== "open") throw new Error("another execution has the lease");
    const ran: Ran = { run_id: opened.run_id, failure: null, failures: {} };
    for (const { name } of source.resources) {
      let status: Outcome["status"] = "partial";
      while (status === "partial") {
        const time = isCut ? (maxPages + 1) * REQUEST_TIME + RESERVE : 10 ** 9;
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
    world.now += DAY;
    return ran;
  };

  return {
    out,
    /** Pages of the API; tests change them. */
    pages,
    asked: api.requests,
    ports: () => ports(false),
    /** Sets a callback that runs before each response. */
    beforeAnswer(happens: typeof before) {
      before = happens;
    },
    /** Returns a source of that API. Every resource has pages of `data`. */
    source: (resources: Config["resources"], more: Omit<Config, "resources" | "client"> = {}): ResolvedSource =>
      sourceOf(api.url, {
        ...more,
        client: { paginator: { type: "page_number", base_page: 1, total_path: null } },
        resource_defaults: { ...more.resource_defaults, endpoint: { data_selector: "data" } },
        resources,
      }),
    run: (source: ResolvedSource, how: How = {}) => runSource(source, how),
    /** Returns the keys of the lake. */
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
    /** Returns the content type of an object. */
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
