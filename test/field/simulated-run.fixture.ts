import fc from "fast-check";
import { type Reply, type Respond, reply, startApi } from "../configs/conversation.fixture.ts";
import { type Config, createWorld, type RunResult, runSource, sourceOf } from "../configs/run.fixture.ts";
import { type Api, apis, countsPages, fetchFrom, LIMIT, lastingIds, simulate } from "./simulated-api.fixture.ts";

/** A run over an API. */
export interface Simulation {
  api: Api;
  hasKey: boolean;
  stopsAfterShortPage: boolean;
  stopsAfterEmptyPage: boolean;
  /** Whether the config ends pagination at the statuses 404 and 422. */
  endsByStatus: boolean;
  max_concurrency: number;
  file_max_items: number;
  /** Pages that each invocation has time for, repeated; none for no limit. */
  cuts: number[];
  /** Numbers of the requests, from 0, during which the user stops the invocation. */
  stops: number[];
  /** Whether requests go through real sockets. */
  hasSockets: boolean;
}

/** Any run over any API. */
export const simulations: fc.Arbitrary<Simulation> = fc.record({
  api: apis,
  hasKey: fc.boolean(),
  stopsAfterShortPage: fc.oneof(
    { weight: 5, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  stopsAfterEmptyPage: fc.boolean(),
  endsByStatus: fc.boolean(),
  max_concurrency: fc.integer({ min: 1, max: 4 }),
  file_max_items: fc.integer({ min: 1, max: 9 }),
  cuts: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }),
  stops: fc.oneof(
    { weight: 3, arbitrary: fc.constant<number[]>([]) },
    { weight: 1, arbitrary: fc.array(fc.nat(7), { minLength: 1, maxLength: 2 }) },
  ),
  hasSockets: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

/** Whether the config names the total: only some paginators have a key for it. */
export const isTotalNamed = ({ paginator, total, namesTotal, pages, totalPath }: Api): boolean =>
  total !== "absent" &&
  namesTotal &&
  // A total of page_number counts pages.
  (paginator === "offset" ||
    (paginator === "page_number" && countsPages({ namesTotal, paginator, pages, totalPath } as Api)));

/** Whether the config names the flag: only some paginators have a key for it. */
export const isFlagNamed = ({ paginator, flag, namesFlag }: Api): boolean =>
  flag !== "absent" && namesFlag && ["page_number", "offset", "cursor"].includes(paginator);

const paginatorOf = ({ api, stopsAfterEmptyPage, stopsAfterShortPage }: Simulation): object => {
  const { paginator: type, base, flag, totalPath } = api;
  const rules = {
    ...(isTotalNamed(api) && { total_path: totalPath }),
    ...(isFlagNamed(api) && (flag === "more" ? { has_more_path: "has_more" } : { last_page_path: "is_last" })),
  };
  const counted = {
    type,
    ...rules,
    limit: LIMIT,
    stop_after_short_page: stopsAfterShortPage,
    stop_after_empty_page: stopsAfterEmptyPage || !(isTotalNamed(api) || isFlagNamed(api)),
  };
  const stops = stopsAfterEmptyPage || api.cursor === "scroll";
  switch (type) {
    case "page_number":
      return { ...counted, limit_param: "limit", base_page: base };
    case "offset":
      return counted;
    case "cursor":
      return { type, cursor_path: "next_cursor", cursor_param: "at", ...rules, stop_after_empty_page: stops };
    case "header_cursor":
      return { type, cursor_key: "x-next", cursor_param: "at" };
    default:
      return { type };
  }
};

const configOf = (simulation: Simulation): Config => {
  const { hasKey, endsByStatus, max_concurrency, file_max_items } = simulation;
  return {
    client: { max_concurrency, error_handler: { max_retries: 1 } },
    settings: { file_max_items, max_empty_pages: 10 },
    resources: [
      {
        name: "rows",
        ...(hasKey && { primary_key: "id" }),
        endpoint: {
          data_selector: "data",
          paginator: paginatorOf(simulation),
          ...(endsByStatus && {
            response_actions: [404, 422].map((status_code) => ({ status_code, action: "ignore" })),
          }),
        },
      },
    ],
  } as Config;
};

/** A response, as the API sent it. */
export interface Sent {
  request: string;
  status: number;
  body: Record<string, unknown> & { data?: object[] };
}

/** Result of a run. */
export interface Outcome {
  /** The error; undefined for a run that is done. */
  failure: string | undefined;
  warnings: string[];
  ids: number[];
  /** Rows that the API had all the time, and that were not read. */
  missing: number[];
  /** Rows that were read more than once. */
  doubled: number[];
  sent: Sent[];
}

/** More requests than any of the lists needs: the run has no end. */
export const MAX_REQUESTS = 1000;

/** Runs a source over the simulated API, which refuses all requests after the first `MAX_REQUESTS`. */
export const run = async (simulation: Simulation): Promise<Outcome> => {
  const { api, cuts, hasSockets, stops } = simulation;
  const sent: Sent[] = [];
  const answer = simulate(api);
  let controller = new AbortController();
  let number = 0;
  const respond: Respond = async (request) => {
    const isStopped = stops.includes(number++);
    const response = number > MAX_REQUESTS ? reply(400) : ((await answer(request, number)) as Reply);
    sent.push({ request: request.text, status: response.status, body: response.body as Sent["body"] });
    if (isStopped) controller.abort();
    return response;
  };
  await using server = hasSockets ? await startApi(respond) : null;
  const source = sourceOf(server?.url ?? "http://127.0.0.1:1", configOf(simulation));
  const result: RunResult = await runSource(createWorld(), source, {
    ...(cuts.length > 0 && { pages: (invocation: number) => cuts[invocation % cuts.length] ?? 1 }),
    ...(!hasSockets && { fetch: fetchFrom(respond) }),
    stop() {
      controller = new AbortController();
      return controller.signal;
    },
  });
  const ids = (result.rows.rows ?? []).map(({ id }) => id as number);
  return {
    failure: result.failures.rows,
    warnings: result.warnings.rows ?? [],
    ids,
    missing: lastingIds(api).filter((id) => !ids.includes(id)),
    doubled: ids.filter((id, index) => ids.indexOf(id) !== index),
    sent,
  };
};
