import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startApi } from "./conversation.fixture.ts";
import { type Kind, kinds } from "./paginators.fixture.ts";
import { type Config, createWorld, type Ran, type Row, runSource, sourceOf } from "./run.fixture.ts";

/** What the API holds: the rows of the one resource, or of each row of its parent. */
interface Data {
  /** Rows a page. */
  size: number;
  /** Number of rows by parent; one number: there is no parent. */
  counts: number[];
  isChild: boolean;
}

const rowsOf = (counts: number[], parent: number): Row[] =>
  Array.from({ length: counts[parent] ?? 0 }, (_, index) => ({ id: parent * 1000 + index }));

/** All that a run must load, in order. */
const expectedRows = ({ counts, size }: Data, { most }: Kind): Row[] =>
  counts.flatMap((_, parent) => rowsOf(counts, parent).slice(0, most === undefined ? undefined : most * size));

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

/** Runs the kind on the data, with so many pages for the invocation of that number. */
const run = async (
  kind: Kind,
  data: Data,
  pages?: (invocation: number) => number,
  settings: Config["settings"] = {},
) => {
  const { counts, size, isChild } = data;
  await using api = await startApi((asked) => {
    const [, parent = "0", rest] = /^\/parents(?:\/(\d+)(\/rows))?$/.exec(asked.url.pathname) ?? [];
    if (asked.url.pathname === "/parents" && rest === undefined) return counts.map((_, id) => ({ id }));
    const rows = rowsOf(counts, Number(parent));
    const index = kind.pageOf(asked, size);
    const page = rows.slice(index * size, (index + 1) * size);
    return kind.answer({ rows: page, index, count: Math.ceil(rows.length / size), total: rows.length }, asked);
  });
  const source = sourceOf(api.url, configOf(kind, isChild, settings));
  const ran: Ran = await runSource(createWorld(), source, { pages });
  expect(ran.failures).toEqual({});
  return { rows: ran.rows.rows, asked: api.asked, invocations: ran.invocations.rows ?? 0 };
};

const SHAPES: Record<string, Data> = {
  "a resource": { size: 2, counts: [7], isChild: false },
  "a child, one of whose parents has no rows": { size: 2, counts: [5, 0, 3], isChild: true },
};

describe.each(Object.entries(kinds(2)))("%s", (_name, kind) => {
  test.each(Object.entries(SHAPES))(
    "of %s: cut behind any page and resumed, it asks and loads the same",
    async (_, data) => {
      const uncut = await run(kind, data);
      expect(uncut.rows).toEqual(expectedRows(data, kind));
      const pages = uncut.asked.length - (data.isChild ? 1 : 0);
      for (let cut = 1; cut < pages; cut++) {
        const resumed = await run(kind, data, (invocation) => (invocation === 0 ? cut : pages));
        expect(resumed).toEqual({ ...uncut, invocations: 2 });
      }
      expect(await run(kind, data, () => 1)).toEqual({ ...uncut, invocations: pages });
    },
  );
});

test("however many rows there are, and wherever it is cut, all are loaded once and in order", async () => {
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
        const uncut = await run(kind, data);
        expect(uncut.rows).toEqual(expectedRows(data, kind));
        const resumed = await run(kind, data, (invocation) => cuts[invocation % cuts.length] as number, {
          file_max_items,
        });
        expect(resumed).toEqual({ ...uncut, invocations: resumed.invocations });
      },
    ),
    { numRuns: 60 },
  );
});
