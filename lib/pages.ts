import { RepeatedPageError, ResponseError } from "./errors.ts";
import type { HttpClient } from "./http/client.ts";
import { joinUrl } from "./http/origin.ts";
import { type Json, type JsonObject, stringifyJson } from "./json.ts";
import { sha256 } from "./lake/hash.ts";
import type { ParentRows } from "./lake/parent-rows.ts";
import type { Position } from "./lake/position.ts";
import { firstPage, type Next, nextPage, pageRequest } from "./pagination/index.ts";
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
 * @param origin the checked base_url, and whether an absolute path may be a link-local address.
 * @param incrementalParams what incremental loading adds to the query.
 */
export const createPages = (
  http: HttpClient,
  { redactor, log }: Pick<Ports, "redactor" | "log">,
  { base, allow_link_local }: { base: URL; allow_link_local: boolean },
  resource: ResolvedResource,
  parents: ParentRows | null,
  incrementalParams: Record<string, string>,
): Pages => {
  const parentAt = async (position: Position) =>
    parents === null || position.parent === null ? null : await parents.find(position.parent);

  const requestFor = (state: Json, parent: JsonObject | null) => {
    const url = joinUrl(base, fill(resource, parent), allow_link_local);
    const params = { ...resource.params, ...incrementalParams, ...pageRequest(resource.paginator, state).params };
    for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value);
    return { method: resource.method, url, headers: resource.headers };
  };

  /** Where the page after this one is, or null when there is none. */
  const follow = async (next: Next<Json>, here: Position["parent"]) => {
    if ("state" in next) return { parent: here, page: next.state };
    const following = here && parents && (await parents.find({ part: here.part, row: here.row + 1 }));
    return following ? { parent: following.place, page: null } : null;
  };

  return {
    hasPageAt: async (position) => parents === null || (await parentAt(position)) !== null,

    async read(position, attempts) {
      const parent = await parentAt(position);
      const state = position.page ?? firstPage(resource.paginator);
      let records: JsonObject[] = [];
      let next: Next<Json> = { end: true };
      await http.send(requestFor(state, parent?.row ?? null), attempts, ({ body }) => {
        records = selectRows(body, resource.data_selector);
        next = nextPage(resource.paginator, state, { body, rows: records.length });
        return "contradiction" in next ? next.contradiction : null;
      });
      if ("warning" in next) log.warn("page", { warning: next.warning });
      // The records' own text, not the body's: there a secret may be hidden behind \u escapes.
      let text = stringifyJson(records);
      if (redactor.isIn(text)) {
        records = redactor.redactDeep(records);
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
      const following = await follow(next, parent?.place ?? position.parent);
      const staysWithParent = "state" in next;
      return {
        records,
        parent: parent?.row ?? null,
        last: following === null,
        after: {
          ...position,
          ...(following ?? { page: null }),
          pages: position.pages + 1,
          previous_page: staysWithParent ? hash : null,
        },
      };
    },
  };
};
