import { reply, startApi, withAddress } from "../configs/conversation.fixture.ts";
import { type Config, createWorld, nextDay } from "../configs/run.fixture.ts";
import { type Api, apiRequest, requestText, respondTo } from "./api.fixture.ts";
import type { Deviation } from "./deviations.ts";
import type { DltResult, startDlt } from "./dlt.fixture.ts";
import { loadWithRestlake } from "./restlake.fixture.ts";
import { comparableTables, type Table } from "./tables.fixture.ts";

/**
 * Subject of a comparison after each run. `outcome`: whether it succeeds. `requests`, `tables` (their names), `columns` (their
 * names), `types` and `rows` only count if both succeed.
 */
export type Aspect = "outcome" | "requests" | "tables" | "columns" | "types" | "rows";

/** A config, and the API that both run against. */
export interface Comparison {
  client?: object;
  resource_defaults?: object;
  resources: unknown[];
  /** Values of secret references, which dlt gets in their place. */
  secrets?: Record<string, string>;
  /** The API of a single run, or of each of several, a day apart. */
  api: Api | Api[];
  /** Whether requests of one path may arrive in any order. */
  anyOrder?: boolean;
  /** Whether both refuse the config, or fail: in every run, or in those with these numbers, from 1. */
  fails?: true | number[];
  /** Aspects that differ on purpose. Any other difference is a failure, and so is one of these without a difference. */
  differs?: Partial<Record<Deviation, Aspect[]>>;
}

/** A function of a config, in both languages. */
class BothLanguages {
  readonly typescript: unknown;
  readonly python: string;
  constructor(typescript: unknown, python: string) {
    this.typescript = typescript;
    this.python = python;
  }
}

/** Returns a function of a config: as TypeScript for restlake, and the source text of the same function in Python. */
export const inBoth = (typescript: unknown, python: string): unknown => new BothLanguages(typescript, python);

/** Returns a config with functions and secret references as one side has them. */
const forSide = (value: unknown, convert: (value: object) => unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  const converted = convert(value);
  if (converted !== undefined) return converted;
  if (Array.isArray(value)) return value.map((inner) => forSide(inner, convert));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, forSide(inner, convert)]));
};

const forRestlake = (config: unknown): unknown =>
  forSide(config, (value) => (value instanceof BothLanguages ? value.typescript : undefined));

const forDlt = (config: unknown, secrets: Record<string, string>): unknown =>
  forSide(config, (value) => {
    if (value instanceof BothLanguages) return { $python: value.python };
    const { secret } = value as { secret?: string };
    return secret !== undefined && Object.keys(value).length === 1 ? secrets[secret] : undefined;
  });

/** Result of one run on one side. */
interface SideRun {
  requests: string[];
  tables: Record<string, Table>;
  error: string | null;
}

const startSide = async (anyOrder: boolean) => {
  let api: Api = {};
  const seen: { path: string; text: string }[] = [];
  const server = await startApi((received) => {
    const request = apiRequest(received);
    seen.push({ path: request.path, text: requestText(received).replaceAll(server.url, "HERE") });
    return respondTo(api, request) ?? reply(404);
  });
  return {
    url: server.url,
    async run(night: Api, load: () => Promise<DltResult>): Promise<SideRun> {
      api = night;
      seen.length = 0;
      const loaded = await load();
      const { tables, error } = JSON.parse(JSON.stringify(loaded).replaceAll(server.url, "HERE")) as DltResult;
      // The order of resources is free. Within a path, the order is that of the pages.
      const order = seen.toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)));
      const requests = order.map(({ text }) => text);
      return { requests: anyOrder ? requests.sort() : requests, tables: comparableTables(tables), error };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

/** A difference between both sides in one run. */
export interface Difference {
  /** Number of the run, from 1. */
  night: number;
  aspect: Aspect;
  dlt: unknown;
  restlake: unknown;
}

const perTable = (tables: Record<string, Table>, names: string[], of: (table: Table) => unknown) =>
  Object.fromEntries(names.map((name) => [name, of(tables[name] as Table)]));

const differencesOf = (dlt: SideRun, restlake: SideRun, fails: boolean): Omit<Difference, "night">[] => {
  if (dlt.error !== null && restlake.error !== null && fails) return [];
  const outcome = ({ error }: SideRun) => error ?? "succeeds";
  if (dlt.error !== null || restlake.error !== null || fails) {
    return [{ aspect: "outcome", dlt: outcome(dlt), restlake: outcome(restlake) }];
  }
  const common = Object.keys(dlt.tables).filter((name) => name in restlake.tables);
  const shared = (name: string) =>
    Object.keys((dlt.tables[name] as Table).columns)
      .filter((column) => column in (restlake.tables[name] as Table).columns)
      .sort();
  const both = (aspect: Aspect, of: (side: SideRun) => unknown) => ({
    aspect,
    dlt: of(dlt),
    restlake: of(restlake),
  });
  const compared = [
    both("requests", ({ requests }) => requests),
    both("tables", ({ tables }) => Object.keys(tables)),
    both("columns", ({ tables }) => perTable(tables, common, ({ columns }) => Object.keys(columns).sort())),
    both("types", ({ tables }) =>
      Object.fromEntries(
        common.map((name) => [
          name,
          Object.fromEntries(shared(name).map((column) => [column, (tables[name] as Table).columns[column]])),
        ]),
      ),
    ),
    both("rows", ({ tables }) => perTable(tables, common, ({ rows }) => rows)),
  ];
  return compared.filter((one) => JSON.stringify(one.dlt) !== JSON.stringify(one.restlake));
};

/** Runs a config on both sides, once per API, and returns all differences. */
export const compare = async (
  name: string,
  given: Comparison,
  dlt: ReturnType<typeof startDlt>,
): Promise<Difference[]> => {
  const { client, resource_defaults, resources, secrets = {}, anyOrder = false, fails = [] } = given;
  const config = { client, ...(resource_defaults === undefined ? {} : { resource_defaults }), resources };
  const nights = Array.isArray(given.api) ? given.api : [given.api];
  await using own = await startSide(anyOrder);
  await using other = await startSide(anyOrder);
  const ownConfig = withAddress(forRestlake(config), own.url) as Config;
  const otherConfig = withAddress(forDlt(config, secrets), other.url) as { client?: { base_url?: string } };
  const otherClient = { ...otherConfig.client, base_url: `${other.url}${otherConfig.client?.base_url ?? ""}` };
  const world = createWorld();
  const process = dlt.process();
  const differences: Difference[] = [];
  for (const [index, api] of nights.entries()) {
    const is_last = index === nights.length - 1;
    const run = { name, config: { ...otherConfig, client: otherClient }, is_last };
    const theirs = await other.run(api, () => process.run(run));
    const ours = await own.run(api, () => loadWithRestlake(world, own.url, ownConfig, secrets));
    differences.push(
      ...differencesOf(theirs, ours, fails === true || fails.includes(index + 1)).map((one) => ({
        night: index + 1,
        ...one,
      })),
    );
    nextDay(world);
  }
  return differences;
};
