import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleSize } from "../size.ts";
import { startApi } from "./conversation.fixture.ts";
import { type Kind, kinds } from "./paginators.fixture.ts";
import { type Config, createWorld, type Row, type RunResult, runSource, sourceOf } from "./run.fixture.ts";

/** Data of the API: the rows of a resource, or of a child for each row of its parent. */
interface Data {
  /** Rows per page. */
  size: number;
  /** Number of rows for each parent row; one number without a parent. */
  counts: number[];
  isChild: boolean;
}

const rowsOf = (counts: number[], parent: number): Row[] =>
  Array.from({ length: counts[parent] ?? 0 }, (_, index) => ({ id: parent * 1000 + index }));

/** Returns all rows that a run must load, in order. */
const expectedRows = ({ counts, size }: Data, { maxPages }: Kind): Row[] =>
  counts.flatMap((_, parent) => rowsOf(counts, parent).slice(0, maxPages === undefined ? undefined : maxPages * size));

const configOf = ({ paginator, method }: Kind, isChild: boolean, settings: Config["settings"]): Config => {
  const endpoint = { method, ...(paginator !== undefined && { paginator: paginator as "auto" }) };
  return {
    settings,
    resources: isChild
      ? [
          { name: "parents", endpoint: { paginator: "single_page" } },
          { name: "rows", endpoint: { ...endpoint, path: "parents/{resources.parents.id}/rows" } },
        ]
      : [{ name: "rows", endpoint }],
  };
};

/** Runs a paginator on the data. `pages` returns the number of pages of an invocation. */
const run = async (
  kind: Kind,
  data: Data,
  pages?: (invocation: number) => number,
  settings: Config["settings"] = {},
) => {
  const { counts, size, isChild } = data;
  await using api = await startApi((request) => {
    const [, parent = "0", rest] = /^\/parents(?:\/(\d+)(\/rows))?$/.exec(request.url.pathname) ?? [];
    if (request.url.pathname === "/parents" && rest === undefined) return counts.map((_, id) => ({ id }));
    const rows = rowsOf(counts, Number(parent));
    const index = kind.pageOf(request, size);
    const page = rows.slice(index * size, (index + 1) * size);
    return kind.respond({ rows: page, index, count: Math.ceil(rows.length / size), total: rows.length }, request);
  });
  const source = sourceOf(api.url, configOf(kind, isChild, settings));
  const ran: RunResult = await runSource(createWorld(), source, { pages });
  expect(ran.failures).toEqual({});
  return { rows: ran.rows.rows, requests: api.requests, invocations: ran.invocations.rows ?? 0 };
};

const SHAPES: Record<string, Data> = {
  "a resource": { size: 2, counts: [7], isChild: false },
  "a child with a parent row that has no rows": { size: 2, counts: [5, 0, 3], isChild: true },
};

describe.each(Object.entries(kinds(2)))("%s", (_name, kind) => {
  test.each(Object.entries(SHAPES))(
    "sends the same requests and loads the same rows when resumed after any page, for %s",
    async (_, data) => {
      const uninterrupted = await run(kind, data);
      expect(uninterrupted.rows).toEqual(expectedRows(data, kind));
      const pages = uninterrupted.requests.length - (data.isChild ? 1 : 0);
      for (let cut = 1; cut < pages; cut++) {
        const resumed = await run(kind, data, (invocation) => (invocation === 0 ? cut : pages));
        expect(resumed).toEqual({ ...uninterrupted, invocations: 2 });
      }
      expect(await run(kind, data, () => 1)).toEqual({ ...uninterrupted, invocations: pages });
    },
  );
});

test("all rows are loaded once and in order, for any number of rows and any interruptions", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .record({
          size: fc.integer({ min: 1, max: 4 }),
          counts: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }),
          isChild: fc.boolean(),
        })
        .map(({ counts, isChild, size }) => ({ size, isChild, counts: isChild ? counts : counts.slice(0, 1) })),
      fc.constantFrom(...Object.keys(kinds(1))),
      fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 6 }),
      async (data, name, cuts, file_max_items) => {
        const kind = kinds(data.size)[name] as Kind;
        const uninterrupted = await run(kind, data);
        expect(uninterrupted.rows).toEqual(expectedRows(data, kind));
        const resumed = await run(kind, data, (invocation) => cuts[invocation % cuts.length] as number, {
          file_max_items,
        });
        expect(resumed).toEqual({ ...uninterrupted, invocations: resumed.invocations });
      },
    ),
    { numRuns: sampleSize({ quick: 15, full: 60 }) },
  );
});
