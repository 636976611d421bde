import { RepeatedPageError, ResponseError } from "./errors.ts";
import type { HttpClient } from "./http/client.ts";
import { joinUrl, sameOrigin } from "./http/origin.ts";
import { canonicalJson, type Json, type JsonObject, stringifyJson } from "./json.ts";
import { sha256 } from "./lake/hash.ts";
import type { ParentRows } from "./lake/parent-rows.ts";
import type { Position } from "./lake/position.ts";
import { firstPage, type Next, nextPage, pageRequest } from "./pagination/index.ts";
import { followTrail, startTrail, type Trail } from "./pagination/trail.ts";
import type { Ports } from "./ports.ts";
import { selectRows } from "./rows/selector.ts";
import type { ResolvedResource } from "./source/resolve.ts";

/** One page: what the API answered, and where that leads. */
export interface Page {
  /** The selected records; a secret that the API echoed is masked. */
  records: JsonObject[];
  /** The parent's fields, for a child. */
  parent: JsonObject | null;
  /** The position after this page, rows not yet counted. */
  after: Position;
  /** Whether this was the resource's last page. */
  last: boolean;
}

/** Reads a resource's pages one by one, each from a position alone. */
export interface Pages {
  /** Whether there is anything to read at a position: a child whose parent has no rows has nothing. */
  hasPageAt(position: Position): Promise<boolean>;
  /** @param attempts retries already used for this page by earlier invocations. */
  read(position: Position, attempts: number): Promise<Page>;
}

/** Where requests may go, and what must not stay in a link. */
export interface Origin {
  /** The checked base_url. */
  base: URL;
  /** Whether an absolute path may be a link-local address. */
  allow_link_local: boolean;
  /** Name of the query parameter that holds the key, if one does. */
  auth_param: string | null;
}

const hashOf = (state: Json): string => sha256(canonicalJson(state)).slice(0, 16);

const fill = (resource: ResolvedResource, parent: JsonObject | null): string => {
  let { path } = resource;
  for (const { placeholder, field } of resource.parent?.bindings ?? []) {
    const value = parent?.[field];
    if (value === null || value === undefined || typeof value === "object") {
      throw new ResponseError(
        `a row of ${resource.parent?.resource} has no usable ${field} for {${placeholder}} of the path: filter such rows, or bind another field`,
      );
    }
    path = path.replaceAll(`{${placeholder}}`, encodeURIComponent(String(value)));
  }
  return path;
};

/**
 * @param incrementalParams what incremental loading adds to the query.
 */
export const createPages = (
  http: HttpClient,
  { redactor, log }: Pick<Ports, "redactor" | "log">,
  { base, allow_link_local, auth_param }: Origin,
  resource: ResolvedResource,
  parents: ParentRows | null,
  incrementalParams: (parent: JsonObject | null) => Record<string, string>,
): Pages => {
  const parentAt = async (position: Position) =>
    parents === null || position.parent === null ? null : await parents.find(position.parent);

  const requestFor = (state: Json, parent: JsonObject | null) => {
    const url = joinUrl(base, fill(resource, parent), allow_link_local);
    const { url: link, params: own } = pageRequest(resource.paginator, state);
    if (link !== undefined) return { method: resource.method, url: new URL(link, base), headers: resource.headers };
    const params = { ...resource.params, ...incrementalParams(parent), ...own };
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    return { method: resource.method, url, headers: resource.headers };
  };

  /** A link as a state: inside the origin, and without anything that is secret. */
  const stateOfLink = (link: string, from: URL): Json => {
    const url = sameOrigin(from, link);
    for (const [name, value] of [...url.searchParams]) {
      if (name === auth_param || redactor.isIn(value)) url.searchParams.delete(name);
    }
    return { url: url.pathname + url.search };
  };

  /** The state of the next page of this resource or parent's row, with the trail to it; null when this was the last. */
  const stateAfter = (next: Next<Json>, state: Json, trail: Trail | null, from: URL) => {
    if (!("state" in next || "link" in next)) return null;
    const following = "link" in next ? stateOfLink(next.link, from) : next.state;
    if (redactor.isIn(canonicalJson(following))) {
      throw new ResponseError("the way to the next page holds the key, and would be stored with the position: refused");
    }
    const further = followTrail(trail ?? startTrail(hashOf(state)), hashOf(following));
    if (further === null) {
      throw new RepeatedPageError(
        "its cursor or link leads back to a page that was read before: the API goes round in a circle",
      );
    }
    return { page: following, trail: further };
  };

  /** The row of the parent after this one, or null when there is none. */
  const parentAfter = async (here: Position["parent"]) =>
    here && parents && (await parents.find({ part: here.part, row: here.row + 1 }));

  return {
    hasPageAt: async (position) => parents === null || (await parentAt(position)) !== null,

    async read(position, attempts) {
      const parent = await parentAt(position);
      const state = position.page ?? firstPage(resource.paginator);
      let records: JsonObject[] = [];
      let next: Next<Json> = { end: true };
      const request = requestFor(state, parent?.row ?? null);
      await http.send(request, attempts, ({ body, headers }) => {
        records = selectRows(body, resource.data_selector);
        next = nextPage(resource.paginator, state, { body, headers, rows: records.length });
        return "contradiction" in next ? next.contradiction : null;
      });
      if ("warning" in next) log.warn("page", { warning: next.warning });
      // The records' own text, not the body's: there a secret may be hidden behind \u escapes.
      let text = stringifyJson(records);
      if (redactor.isIn(text)) {
        records = redactor.redactData(records);
        text = stringifyJson(records);
      }
      const hash = records.length === 0 ? null : sha256(text).slice(0, 16);
      if (hash !== null && hash === position.previous_page) {
        throw new RepeatedPageError(
          position.pages === 1
            ? "this page equals the first one: the API seems to count pages from 1, so give the paginator base_page: 1 (or single_page, when the endpoint has no pages)"
            : "this page equals the one before it: the paginator does not move the API forward",
        );
      }
      const further = stateAfter(next, state, position.trail, request.url);
      const sibling = further === null ? await parentAfter(parent?.place ?? position.parent) : null;
      return {
        records,
        parent: parent?.row ?? null,
        last: further === null && sibling === null,
        after: {
          ...position,
          parent: sibling?.place ?? parent?.place ?? position.parent,
          page: further?.page ?? null,
          trail: further?.trail ?? null,
          pages: position.pages + 1,
          previous_page: further === null ? null : hash,
        },
      };
    },
  };
};
