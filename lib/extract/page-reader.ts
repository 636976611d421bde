import { setImmediate } from "node:timers/promises";
import type { StopRules } from "../config/can-stop.ts";
import type { ResolvedResource } from "../config/resolve.ts";
import type { PagePaginator } from "../config/resolved.ts";
import { RepeatedPageError, ResponseError } from "../errors/index.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../http/client.ts";
import { sameOrigin } from "../http/origin.ts";
import { sha256 } from "../json/hash.ts";
import { canonicalJson, type Json, type JsonObject, stringifyJson } from "../json/index.ts";
import type { ParentPlace, ParentRows } from "../lake/parent-rows.ts";
import type { Position } from "../lake/position.ts";
import { type Decision, decide } from "../pagination/auto.ts";
import { advanceCycleDetection, type CycleState, startCycleDetection } from "../pagination/cycle-detection.ts";
import { firstPage, type Next, nextPage, type PageResponse, pageRequest } from "../pagination/index.ts";
import { knownTotal } from "../pagination/stop-conditions.ts";
import type { Ports } from "../ports/index.ts";
import { detectSelector, selectRows } from "../rows/selector.ts";
import type { Budget } from "../time/budget.ts";
import { createPrefetch, type Prefetch } from "./prefetch.ts";
import type { RequestBuilder } from "./request-builder.ts";

/** One page: what the API answered, and where that leads. */
export interface Page {
  /** The selected records; a secret that the API echoed is masked. */
  records: JsonObject[];
  /** The parent's fields, for a child. */
  parent: JsonObject | null;
  /**
   * The position after this page, rows not yet counted, and whether it was the resource's last.
   *
   * @param isOver whether the rows say that nothing behind this page counts.
   */
  after(isOver: boolean): Promise<{ position: Position; last: boolean }>;
}

/** Reads a resource's pages one by one, each from a position alone. */
export interface PageReader {
  /** Whether there is anything to read at a position: a child whose parent has no rows has nothing. */
  hasPageAt(position: Position): Promise<boolean>;
  /** @param attempts retries already used for this page by earlier invocations. */
  read(position: Position, attempts: number): Promise<Page>;
  /** Ends and forgets what is on its way ahead of its turn: the reading is over, or starts from another place. */
  forget(): Promise<void>;
}

const hashOf = (state: Json): string => sha256(canonicalJson(state)).slice(0, 16);

/** Name of the query parameter that an auth puts the key into: no link may keep it. */
const queryKey = ({ auth }: ResolvedResource): string | null =>
  typeof auth === "object" && auth !== null && "location" in auth && auth.location === "query" ? auth.name : null;

/** What an answer comes to: its rows, what follows, and what `auto` knows now. */
interface Reading {
  rows: JsonObject[];
  next: Next<Json>;
  /** The state that the page was read in: under `auto`, known only afterwards. */
  state: Json;
  /** Where the rows were found, when the config does not say. */
  selector: string[] | null;
  decided: Decision | null;
  /** What the paginator looked at; null when nobody looked. */
  response: PageResponse | null;
}

/** A page whose answer a response action ignores. */
const IGNORED: Reading = { rows: [], next: { end: true }, state: {}, selector: null, decided: null, response: null };

/** Paginators whose next pages are known without an answer. */
const isCounted = (paginator: PagePaginator): boolean =>
  paginator.type === "page_number" || paginator.type === "offset";

/** A page by its place: the parent's row, and the paginator's state in it. */
const keyOf = (parent: ParentPlace | null, page: Json): string =>
  canonicalJson([parent === null ? null : [parent.part, parent.row], page]);

/** @param http of the resource, with its auth and its response actions. */
export const createPageReader = (
  http: HttpClient,
  { redactor, logger }: Pick<Ports, "redactor" | "logger">,
  resource: ResolvedResource,
  requests: RequestBuilder,
  parents: ParentRows | null,
  budget: Pick<Budget, "hasTimeFor">,
): PageReader => {
  const keyParam = queryKey(resource);
  const ahead: Prefetch = createPrefetch(http, resource.max_concurrency - 1);
  const isParallel = parents !== null && resource.parallelized;
  /** The last answer of this reading, the parent's row that it is of, and how many pages of that have been read. */
  let last: { parent: string; response: PageResponse; pages: number } | null = null;

  const parentAt = async (position: Position) =>
    parents === null || position.parent === null ? null : await parents.find(position.parent);

  /** The paginator in force; null: `auto` has yet to see an answer. */
  const paginatorAt = ({ decided }: Pick<Position, "decided">): PagePaginator | null =>
    resource.paginator.type === "auto" ? (decided?.paginator ?? null) : (resource.paginator as PagePaginator);

  const requestAt = (paginator: PagePaginator | null, page: Json, parent: JsonObject | null) =>
    requests.build(paginator === null ? {} : pageRequest(paginator, page ?? firstPage(paginator)), parent);

  /** A link as a state: inside the origin, and without anything that is secret. */
  const stateOfLink = (link: string, { url: from, secret_params }: HttpRequest): Json => {
    const url = sameOrigin(from, link);
    for (const [name, value] of [...url.searchParams]) {
      if (Object.hasOwn(secret_params, name) || name === keyParam || redactor.isIn(value))
        url.searchParams.delete(name);
    }
    return { url: url.pathname + url.search };
  };

  /** The state of the next page of this resource or parent's row, with the trail to it; null when this was the last. */
  const stateAfter = (next: Next<Json>, state: Json, trail: CycleState | null, from: HttpRequest) => {
    if (!("state" in next || "link" in next)) return null;
    const following = "link" in next ? stateOfLink(next.link, from) : next.state;
    if (redactor.isIn(canonicalJson(following))) {
      throw new ResponseError("the way to the next page holds the key, and would be stored with the position: refused");
    }
    const further = advanceCycleDetection(trail ?? startCycleDetection(hashOf(state)), hashOf(following));
    if (further === null) {
      throw new RepeatedPageError(
        "its cursor or link leads back to a page that was read before: the API goes round in a circle",
      );
    }
    return { page: following, trail: further };
  };

  /** The row of the parent after this one, or null when there is none. */
  const parentAfter = async (here: ParentPlace | null) =>
    parents === null || here === null ? null : await parents.find({ part: here.part, row: here.row + 1 });

  /**
   * The states that follow this one, as far as the last answer can tell: its total and its flags end them, as the config's
   * maximum does. Where no total says how many there are, one fewer than there have been is likely: a resource of one page costs
   * no request more. Of a child, which often has just one, nothing is likely.
   */
  function* statesAfter(position: Position, parent: ParentPlace | null): Generator<Json> {
    const paginator = paginatorAt(position);
    if (paginator === null || !isCounted(paginator) || position.decided?.is_base_guessed) return;
    if (last === null || last.parent !== keyOf(parent, null) || last.response.rows === 0) return;
    const { response, pages } = last;
    const isCertain = knownTotal(paginator as StopRules, response) !== null;
    const most = isCertain ? Number.POSITIVE_INFINITY : parent === null ? pages - 1 : 0;
    let state = position.page ?? firstPage(paginator);
    for (let count = 0; count < most; count++) {
      const next = nextPage(paginator, state, response);
      if (!("state" in next)) return;
      state = next.state;
      yield state;
    }
  }

  /** Asks for the pages behind this one that are known. What goes wrong is told when it is their turn. */
  const lookAhead = async (position: Position, here: ParentPlace | null, row: JsonObject | null): Promise<void> => {
    // The page whose turn it is comes first.
    let pages = 1;
    const isWorthIt = () => ahead.hasRoom() && budget.hasTimeFor(++pages);
    try {
      for (const state of statesAfter(position, here)) {
        if (!isWorthIt()) return;
        ahead.ask(keyOf(here, state), () => requestAt(paginatorAt(position), state, row));
      }
      if (!isParallel) return;
      const first = paginatorAt({ decided: null });
      for (let next = await parentAfter(here); next !== null && isWorthIt(); next = await parentAfter(next.place)) {
        const { row: parent } = next;
        ahead.ask(keyOf(next.place, null), () => requestAt(first, null, parent));
      }
    } catch (error) {
      logger.debug("not ahead", { why: (error as Error).name });
    }
  };

  /**
   * Behind a second page that differs from the first one: numbers start at 0, or it was the first one and has changed
   * meanwhile. Then the total is one page short, so that only a page without rows is the end.
   */
  const unsettled = ({ paginator }: Decision): Decision => ({
    paginator: { ...paginator, total_path: null } as PagePaginator,
  });

  const readAnswer = (position: Position, { body, headers, ignored }: HttpResponse): Reading => {
    if (ignored) return { ...IGNORED, state: position.page ?? {} };
    // Found once: a page that has no list may have another one that holds no rows.
    const selector = resource.data_selector === null ? (position.selector ?? detectSelector(body)) : null;
    const rows = selectRows(body, resource.data_selector ?? selector ?? []);
    const response: PageResponse = { body, headers, rows: rows.length };
    let decided = position.decided;
    let paginator = paginatorAt(position);
    if (paginator === null) {
      decided = decide(response);
      paginator = decided.paginator;
    }
    const state = position.page ?? firstPage(paginator);
    const further = position.decided?.is_base_guessed ? unsettled(position.decided).paginator : paginator;
    return { rows, next: nextPage(further, state, response), state, selector, decided, response };
  };

  /** What was asked for ahead, if it is any good. */
  const usable = (position: Position, answer: HttpResponse | null): Reading | null => {
    const reading = answer === null ? null : readAnswer(position, answer);
    return reading === null || "contradiction" in reading.next ? null : reading;
  };

  /** The answer, asked for ahead or now, and what it comes to. */
  const ask = async (position: Position, parent: { row: JsonObject; place: ParentPlace } | null, attempts: number) => {
    const [row, place] = [parent?.row ?? null, parent?.place ?? null];
    const request = requestAt(paginatorAt(position), position.page, row);
    let reading: Reading | null = null;
    const asked = ahead.take(keyOf(place, position.page));
    if (asked !== null) {
      // While this one is on its way: it is its turn now, and another one may be ahead.
      await lookAhead(position, place, row);
      reading = usable(position, await asked);
      if (reading !== null) return { request, reading };
    }
    const sent = http.send(request, attempts, (answer) => {
      reading = readAnswer(position, answer);
      return "contradiction" in reading.next ? reading.next.contradiction : null;
    });
    // Behind this page's own request, which must not wait for those.
    const looking = asked === null ? lookAhead(position, place, row) : null;
    const answer = await sent.finally(() => looking);
    ahead.observe(answer);
    // Nobody looks at an answer that is ignored: what is known is of the one before, which was asked again.
    return { request, reading: answer.ignored || reading === null ? readAnswer(position, answer) : reading };
  };

  /** The first page once more, where `auto` has guessed that pages are counted from 0: they are counted from 1. */
  const corrected = (decided: Decision, response: Reading): Reading => {
    const paginator = { ...decided.paginator, base_page: 1 } as PagePaginator;
    const { page } = response.state as { page: number };
    return { ...response, rows: [], next: { state: { page: page + 1 } }, decided: { paginator } };
  };

  /**
   * The page as it counts, compared with the one before it.
   *
   * @throws RepeatedPageError when they are equal, unless that only says where `auto` is to count from.
   */
  const compared = (position: Position, reading: Reading, hash: string | null): Reading => {
    const { decided, pages, previous_page } = position;
    const isRepeated = hash !== null && hash === previous_page;
    if (decided?.is_base_guessed) {
      return isRepeated ? corrected(decided, reading) : { ...reading, decided: unsettled(decided) };
    }
    if (!isRepeated) return reading;
    throw new RepeatedPageError(
      pages === 1 && resource.paginator.type === "page_number"
        ? "this page equals the first one: the API seems to count pages from 1, so give the paginator base_page: 1 (or single_page, when the endpoint has no pages)"
        : "this page equals the one before it: the paginator does not move the API forward",
    );
  };

  const remember = (here: ParentPlace | null, { response }: Reading) => {
    if (response === null) return;
    const parent = keyOf(here, null);
    last = { parent, response, pages: (last?.parent === parent ? last.pages : 0) + 1 };
  };

  /**
   * Asks for the page that comes next, while this one is worked on; behind the last page of a parent's row, none of its pages
   * is wanted any more.
   *
   * @returns whether a request goes out.
   */
  const askNext = (position: Position, here: ParentPlace | null, row: JsonObject | null): boolean => {
    if (position.page === null) {
      const others = keyOf(here, null).slice(0, -"null]".length);
      ahead.keep((key) => !key.startsWith(others));
      return false;
    }
    if (!budget.hasTimeFor(1)) return false;
    return ahead.ask(keyOf(here, position.page), () => requestAt(paginatorAt(position), position.page, row));
  };

  return {
    async hasPageAt(position) {
      return position.parent === null || (await parentAt(position)) !== null;
    },

    async read(position, attempts) {
      const parent = await parentAt(position);
      const { request, reading } = await ask(position, parent, attempts);
      remember(parent?.place ?? null, reading);
      if ("warning" in reading.next) logger.warn("page", { warning: reading.next.warning });
      if (position.decided === null && reading.decided !== null && position.pages === 0) {
        logger.info("paginator", { found: reading.decided.paginator });
      }
      // The records' own text, not the body's: there a secret may be hidden behind \u escapes.
      let text = stringifyJson(reading.rows);
      if (redactor.isIn(text)) {
        reading.rows = redactor.redactData(reading.rows);
        text = stringifyJson(reading.rows);
      }
      const hash = reading.rows.length === 0 ? null : sha256(text).slice(0, 16);
      const { rows, state, next, selector, decided } = compared(position, reading, hash);
      return {
        records: rows,
        parent: parent?.row ?? null,
        async after(isOver) {
          const further = isOver ? null : stateAfter(next, state, position.cycle, request);
          const sibling = further === null ? await parentAfter(parent?.place ?? position.parent) : null;
          const after = {
            last: further === null && sibling === null,
            position: {
              ...position,
              parent: sibling?.place ?? parent?.place ?? position.parent,
              page: further?.page ?? null,
              selector: further === null ? null : selector,
              decided: further === null ? null : decided,
              trail: further?.trail ?? null,
              pages: position.pages + 1,
              previous_page: further === null ? null : hash,
            },
          };
          // Out before the rows take the processor.
          if (askNext(after.position, parent?.place ?? null, parent?.row ?? null)) await setImmediate();
          return after;
        },
      };
    },

    async forget() {
      last = null;
      await ahead.forget();
    },
  };
};
