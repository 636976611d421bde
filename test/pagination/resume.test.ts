import fc from "fast-check";
import { expect, test } from "vitest";
import type { PaginatorConfig } from "../../lib/config/schema/index.ts";
import type { Json } from "../../lib/json/index.ts";
import { type Api, offset, pageNumber, walk } from "./paginators.fixture.ts";

/** An API over numbered rows with the total and the flag that the config expects. */
interface Model {
  config: PaginatorConfig;
  api: Api;
  /** Returns the rows of a page, given its parameters. */
  rowsOf: (params: Record<string, string>) => number[];
  count: number;
  capped: boolean;
}

const modelled = fc
  .record({
    kind: fc.constantFrom("page_number" as const, "offset" as const),
    count: fc.nat(120),
    size: fc.integer({ min: 3, max: 30 }),
    base: fc.nat(2),
    maximum: fc.option(fc.integer({ min: 1, max: 8 })),
    total: fc.constantFrom("named", "text", "default", "absent"),
    more: fc.constantFrom("named", "text", "absent"),
    stopAfterEmpty: fc.boolean(),
  })
  .map(({ kind, count, size, base, maximum, total, more, stopAfterEmpty }): Model => {
    const isOffset = kind === "offset";
    const skipped = (params: Record<string, string>) =>
      isOffset ? Number(params.offset) : (Number(params.page) - base) * size;
    const rowsOf = (params: Record<string, string>) =>
      Array.from({ length: size }, (_, index) => skipped(params) + index).filter((row) => row < count);
    const counted = isOffset ? count : Math.ceil(count / size);
    const api: Api = (params) => {
      const rows = rowsOf(params);
      const flag = skipped(params) + size < count;
      const body: Record<string, Json> = { data: rows };
      if (total !== "absent") body.total = total === "text" ? String(counted) : counted;
      if (more !== "absent") body.more = more === "text" ? String(flag) : flag;
      return { body, rows: rows.length };
    };
    const rules = {
      ...(total === "named" || total === "text" ? { total_path: "total" } : {}),
      ...(more === "absent" ? {} : { has_more_path: "more" }),
      stop_after_empty_page: stopAfterEmpty || (total === "absent" && more === "absent"),
    };
    const config = isOffset
      ? offset({ ...rules, limit: size, maximum_offset: maximum === null ? null : maximum * size })
      : pageNumber({ ...rules, base_page: base, maximum_page: maximum === null ? null : base + maximum });
    return { config, api, rowsOf, count: Math.min(count, (maximum ?? 999) * size), capped: maximum !== null };
  });

const overAnyApi = (check: (model: Model) => void) => fc.assert(fc.property(modelled, check), { numRuns: 500 });

test("every row is requested once and in order, with any rules that API and config share", () => {
  overAnyApi(({ config, api, rowsOf, count }) => {
    const { pages, how } = walk(config, api);
    expect(how).toEqual({ end: true });
    expect(pages.flatMap(rowsOf)).toEqual(Array.from({ length: count }, (_, row) => row));
  });
});

test("a resume from any stored state reads the same pages as an uninterrupted run", () => {
  overAnyApi(({ config, api }) => {
    const uncut = walk(config, api);
    for (const [at, state] of uncut.states.entries()) {
      const rest = walk(config, api, JSON.parse(JSON.stringify(state)));
      expect({ ...rest, states: rest.states }).toEqual({
        pages: uncut.pages.slice(at),
        states: uncut.states.slice(at),
        how: uncut.how,
      });
    }
  });
});

test("requesting a page twice changes nothing", () => {
  overAnyApi(({ config, api }) => {
    const twice: Api = (params) => {
      api(params);
      return api(params);
    };
    const frozen = structuredClone(config);
    expect(walk(config, twice)).toEqual(walk(config, api));
    expect(config).toEqual(frozen);
  });
});

test("an API whose data shrinks while it is read ends, and no page is requested twice", () => {
  fc.assert(
    fc.property(modelled, fc.array(fc.nat(60), { minLength: 60, maxLength: 60 }), ({ config }, sizes) => {
      let responses = 0;
      const moving: Api = () => {
        const rows = Math.max(0, (sizes[responses] ?? 0) - responses++ * 2);
        return { body: { total: rows, more: rows > 0 }, rows };
      };
      const { pages, how } = walk(config, moving);
      expect(how).not.toBe("endless");
      expect(new Set(pages.map((page) => JSON.stringify(page))).size).toBe(pages.length);
    }),
    { numRuns: 300 },
  );
});
