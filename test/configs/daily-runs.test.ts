import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleSize } from "../size.ts";
import { startApi } from "./conversation.fixture.ts";
import { createWorld, nextDay, type Row, runSource, sourceOf } from "./run.fixture.ts";

interface Event extends Row {
  id: number;
  u: number;
}

const inOrder = (events: Event[], order: "asc" | "desc" | null): Event[] =>
  order === null ? events : events.toSorted((a, b) => (order === "asc" ? 1 : -1) * (a.u - b.u || a.id - b.id));

test("daily runs load every new row once, also at the boundary, for any pages, parents and interruptions", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        // For each run and row: its user, and its distance from the last row of that user.
        runs: fc.array(fc.array(fc.tuple(fc.nat(1), fc.nat(2)), { maxLength: 6 }), { minLength: 2, maxLength: 4 }),
        size: fc.integer({ min: 1, max: 3 }),
        row_order: fc.constantFrom("asc", "desc", null),
        filters: fc.boolean(),
        hasKey: fc.boolean(),
        isChild: fc.boolean(),
        interruptions: fc.option(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })),
      }),
      async ({ runs, size, row_order, filters, hasKey, isChild, interruptions }) => {
        const stored: [Event[], Event[]] = [[], []];
        await using api = await startApi(({ url }) => {
          if (url.pathname === "/users") return [{ id: 0 }, { id: 1 }];
          const { page, since } = Object.fromEntries(url.searchParams) as { page: string; since?: string };
          const events = stored[isChild ? Number(url.pathname.split("/")[2]) : 0] as Event[];
          const matching = events.filter(({ u }) => !filters || since === undefined || u >= Number(since));
          return inOrder(matching, row_order).slice(Number(page) * size, (Number(page) + 1) * size);
        });
        const source = sourceOf(api.url, {
          resource_defaults: { endpoint: { paginator: "page_number" } },
          resources: [
            { name: "users", endpoint: { paginator: "single_page" } },
            {
              name: "events",
              primary_key: hasKey ? "id" : null,
              endpoint: {
                path: isChild ? "users/{resources.users.id}/events" : "events",
                incremental: { cursor_path: "u", start_param: "since", row_order },
              },
            },
          ],
        });
        const world = createWorld();
        let id = 0;
        for (const added of runs) {
          const fresh: [Event[], Event[]] = [[], []];
          for (const [user, distance] of added) {
            const owner = (isChild ? user : 0) as 0 | 1;
            const last = [...stored[owner], ...fresh[owner]].at(-1)?.u ?? 0;
            fresh[owner].push({ id: ++id, u: last + distance });
          }
          for (const [owner, events] of fresh.entries()) stored[owner]?.push(...events);
          const pages =
            interruptions === null
              ? undefined
              : (invocation: number) => interruptions[invocation % interruptions.length] as number;
          const { rows, failures } = await runSource(world, source, { pages });
          expect(failures).toEqual({});
          expect(rows.events).toEqual(fresh.flatMap((events) => inOrder(events, row_order)));
          nextDay(world);
        }
      },
    ),
    { numRuns: sampleSize({ quick: 8, full: 25 }) },
  );
});
