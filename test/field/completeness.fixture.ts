import { type Api, countsPages, LIMIT, pageCount, sizeOf } from "./simulated-api.fixture.ts";
import { isFlagNamed, isTotalNamed, type Outcome, type Simulation } from "./simulated-run.fixture.ts";

const isCounted = ({ pages }: Api): boolean => pages === "page_number" || pages === "offset";
const isScroll = ({ pages, cursor }: Api): boolean => pages === "cursor" && cursor === "scroll";
const isKeyset = ({ pages, cursor }: Api): boolean => pages === "cursor" && cursor === "keyset";

/** Whether the total, where there is one, counts rows for certain. A `total` of page_number may count either. */
const countsRows = (api: Api): boolean =>
  !countsPages(api) && !(api.paginator === "page_number" && api.totalPath === "total");

const totalIn = ({ totalPath }: Api, body: Record<string, unknown>): number | undefined =>
  (totalPath === "total" ? body.total : (body.meta as { total_count?: number } | undefined)?.total_count) as
    | number
    | undefined;

/** Whether the config names a total that is not too low: it wins over a flag. */
const isTotalReliable = (api: Api): boolean =>
  isTotalNamed(api) && (api.total === "right" || api.total === "too high") && api.change === "none";

/**
 * Why no client can know that rows are missing or doubled, by its title in docs/completeness.md. Each case says when an API, or
 * the config, is wrong in a way that its responses do not show.
 */
export const UNKNOWABLE: Record<string, (simulation: Simulation) => boolean> = {
  "A total that is too low": ({ api }) =>
    (api.total === "too low" || api.total === "of the page") && (isCounted(api) || api.paginator === "auto"),
  "A flag or a cursor that ends too early": ({ api }) =>
    (api.flagEnd === "early" && isFlagNamed(api) && !isTotalReliable(api)) ||
    (api.end === "early" && !isCounted(api) && !isScroll(api)),
  "A page that is empty by mistake": ({ api }) =>
    api.flaky === "no rows once" || (api.gaps === "filtered" && sizeOf(api) === 1),
  "An error that response_actions ignores": ({ api, endsByStatus }) => api.flaky === "404 once" && endsByStatus,
  "Rows that move between pages": ({ api: { change, ...api } }) =>
    change !== "none" && !(isKeyset({ change, ...api }) && !change.startsWith("rotate")),
  "Rows that the API removes from a page after it has cut it": ({ api }) =>
    api.gaps === "filtered" && api.pages === "offset",
  "A page that is short, and not the last one": ({ api, stopsAfterShortPage }) =>
    stopsAfterShortPage && isCounted(api) && (sizeOf(api) < LIMIT || api.gaps !== "none"),
  "A single page without any evidence": ({ api }) =>
    api.paginator === "auto" && (api.pages === "none" || isCounted(api)),
  "Pages that belong to a session": ({ api, stops }) => isScroll(api) && stops.length > 0,
};

/** Returns the reasons why no client can know that a result is not complete. */
export const unknowableReasons = (simulation: Simulation): string[] =>
  Object.entries(UNKNOWABLE).flatMap(([title, applies]) => (applies(simulation) ? [title] : []));

/** Whether responses were read in the order in which they were sent, each once. */
const isSequential = ({ max_concurrency, stops }: Simulation): boolean => max_concurrency === 1 && stops.length === 0;

/** Returns what the responses showed about rows that are missing or doubled, as patterns of the warnings that must name it. */
export const evidenceIn = (simulation: Simulation, { sent, ids, doubled }: Outcome): RegExp[] => {
  const { api, hasKey } = simulation;
  const evidence: RegExp[] = hasKey && doubled.length > 0 ? [/repeat a primary key/] : [];
  if (!isSequential(simulation)) return evidence;
  const read = sent.filter(({ status }) => status === 200);
  const totals = countsRows(api) ? read.flatMap(({ body }) => totalIn(api, body) ?? []) : [];
  const total = totals.at(-1);
  if (total !== undefined && total !== ids.length) evidence.push(/differs from the total/);
  if (totals.some((number, index) => number < (totals[index - 1] ?? 0))) evidence.push(/the total of the API fell/);
  const last = sent.at(-1);
  // Its status ends pagination, as the config says.
  const isIgnored = last !== undefined && last.status !== 200;
  if (isIgnored && sent.length > 1 && (isFlagNamed(api) || isTotalNamed(api)))
    evidence.push(/response_actions ignores/);
  const { has_more, is_last } = isIgnored ? {} : (last?.body ?? {});
  const saysMore = [true, "true", 1].includes(has_more as never) || [false, "false"].includes(is_last as never);
  if (saysMore && api.paginator !== "auto") evidence.push(/announces more/);
  const isOversized = api.paginator === "offset" && read.some(({ body }) => (body.data?.length ?? 0) > LIMIT);
  if (isOversized) evidence.push(/more than limit/);
  return evidence;
};

/** Whether the config, or the defaults, know the end of a counted list without a page after it. */
const knowsEnd = ({ api }: Simulation): boolean =>
  (api.flag !== "absent" && isFlagNamed(api)) ||
  (api.total === "right" && (isTotalNamed(api) || (api.totalPath === "total" && api.pages === "offset")));

const isSoundCounted = (simulation: Simulation): boolean => {
  const { api, endsByStatus, stopsAfterShortPage } = simulation;
  const isIgnored = endsByStatus && (api.beyond === "404" || api.beyond === "422");
  const hasEnd = api.beyond === "empty" || isIgnored || knowsEnd(simulation);
  const isShort = stopsAfterShortPage && (sizeOf(api) < LIMIT || api.gaps !== "none");
  if (api.paginator !== "auto") return hasEnd && !isShort && (api.pages !== "offset" || sizeOf(api) <= LIMIT);
  if (api.total !== "right" || api.totalPath !== "total") return false;
  return api.pages === "offset" || api.reportsPage || api.beyond === "empty";
};

/** Whether a flag that is absent on the last page is known from an earlier one, or the config does not name it. */
const isFlagSeen = (api: Api): boolean => !isFlagNamed(api) || pageCount(api) > 1;

/** Whether nothing is wrong with an API or the config, so that a run must read every row once, without a warning. */
export const isSound = (simulation: Simulation): boolean => {
  const { api, cuts, stops } = simulation;
  if (api.pages === "none" || api.change !== "none" || api.gaps === "filtered") return false;
  if (api.flaky === "no rows once" || api.flaky === "404 once" || (api.total !== "right" && api.total !== "absent"))
    return false;
  const isFlagRight = api.flagEnd === "right" || (api.flagEnd === "absent at the end" && isFlagSeen(api));
  if (api.flag !== "absent" && !isFlagRight) return false;
  if (isCounted(api)) return isSoundCounted(simulation);
  if (isScroll(api)) return cuts.length === 0 && stops.length === 0 && api.paginator !== "auto";
  // The empty page that repeats the cursor is the end, or a page of a scroll API that came before the resume.
  const isUncertain = api.end === "repeats" && (cuts.length > 0 || stops.length > 0);
  return api.end !== "early" && !isUncertain;
};

/**
 * Whether every page is as full as a cap below the limit allows: nothing is missing if the API counts such pages, and half of the
 * rows if it counts pages of the limit.
 */
export const mayBeCapped = ({ api }: Simulation): boolean =>
  api.paginator === "page_number" && api.total !== "absent" && sizeOf(api) < LIMIT && api.rows % sizeOf(api) === 0;

/**
 * Returns the simulation without the faults that other evidence outweighs: a total that is too low, next to a flag; a flag that ends
 * too early, next to a total; a page that is empty once, next to either. The config names both.
 */
const withoutOutweighed = (simulation: Simulation): Simulation => {
  const { api, stopsAfterEmptyPage } = simulation;
  const isFlagRight = api.flag !== "absent" && isFlagNamed(api) && api.flagEnd === "right";
  const isTotalRight = isTotalNamed(api) && api.total === "right";
  const isLow = api.total === "too low" || (api.total === "of the page" && api.pages === "offset");
  // An empty list has one page in many APIs, and the last page has no flag of more.
  const isPromised = isTotalRight && (api.pages === "offset" || pageCount(api) > 1);
  const isAnnounced = isFlagRight && isSequential(simulation) && api.flakyAt < pageCount(api) - 1;
  const isRetried = isCounted(api) && stopsAfterEmptyPage && (isPromised || isAnnounced);
  return {
    ...simulation,
    api: {
      ...api,
      ...(isFlagRight && isLow && { total: "right" }),
      ...(isTotalRight && api.flagEnd === "early" && { flagEnd: "right" }),
      ...(isRetried && api.flaky === "no rows once" && { flaky: "none" }),
    },
  };
};

/** Whether a run must read every row once, and may warn of faults that other evidence outweighs. */
export const mustBeComplete = (simulation: Simulation): boolean => isSound(withoutOutweighed(simulation));
