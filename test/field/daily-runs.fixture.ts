import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openLake } from "../../local/lake/index.ts";
import { type ResponseBody, reply, startApi, withAddress } from "../configs/conversation.fixture.ts";
import {
  type Config,
  createWorld,
  nextDay,
  type RunOptions,
  type RunResult,
  runSource,
  sourceOf,
  type World,
} from "../configs/run.fixture.ts";
import { ask } from "../local/lake.fixture.ts";

/** Result of one daily run, with the rows of a query after it. */
export interface DailyRun extends RunResult {
  table: unknown[][];
}

/** Options of one daily run, with the responses of the API by path. */
export interface DailyRunOptions extends RunOptions {
  api: Record<string, ResponseBody>;
  /** New config for this run and the later ones. */
  config?: Config;
}

/** Returns the rows of a query over the tables of a world. */
export const query = async (world: World, sql: string): Promise<unknown[][]> => {
  const out = mkdtempSync(join(tmpdir(), "restlake-field-"));
  try {
    for (const [key, { body }] of world.objects) {
      const file = join(out, "s3", "lake", key);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, body);
    }
    using lake = await openLake(out);
    return await ask(lake, sql);
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
};

/** Runs a source once per entry, one day apart, against a server with that entry's responses. */
export const runDaily = async (config: Config, runs: DailyRunOptions[], sql: string): Promise<DailyRun[]> => {
  let current: Record<string, ResponseBody> = {};
  await using api = await startApi(({ url }) => current[url.pathname] ?? reply(404, { error: "unexpected request" }));
  const world = createWorld();
  const results: DailyRun[] = [];
  let given = config;
  for (const { api: responses, config: changed, ...options } of runs) {
    given = changed ?? given;
    current = responses;
    const result = await runSource(world, sourceOf(api.url, withAddress(given, api.url)), options);
    results.push({ ...result, table: await query(world, sql) });
    nextDay(world);
  }
  return results;
};

/** Returns the table after each run. */
export const tablesOf = (runs: DailyRun[]): unknown[][][] => runs.map(({ table }) => table);
