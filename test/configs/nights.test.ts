import fc from "fast-check";
import { expect, test } from "vitest";
import { startApi } from "./conversation.fixture.ts";
import { createWorld, nextNight, type Row, runSource, sourceOf } from "./run.fixture.ts";

interface Event extends Row {
  id: number;
  u: number;
}

const inOrder = (events: Event[], order: "asc" | "desc" | null): Event[] =>
  order === null ? events : events.toSorted((a, b) => (order === "asc" ? 1 : -1) * (a.u - b.u || a.id - b.id));

test("night by night every new row is loaded once, also at the boundary, however pages, parents and cuts fall", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        // Per night and row: whose it is, and how much later than that one's last it is.
        nights: fc.array(fc.array(fc.tuple(fc.nat(1), fc.nat(2)), { maxLength: 6 }), { minLength: 2, maxLength: 4 }),
        size: fc.integer({ min: 1, max: 3 }),
        row_order: fc.constantFrom("asc", "desc", null),
        filters: fc.boolean(),
        hasKey: fc.boolean(),
        isChild: fc.boolean(),
        cuts: fc.option(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 })),
      }),
      async ({ nights, size, row_order, filters, hasKey, isChild, cuts }) => {
        const held: [Event[], Event[]] = [[], []];
        await using api = await startApi(({ url }) => {
          if (url.pathname === "/users") return [{ id: 0 }, { id: 1 }];
          const { page, since } = Object.fromEntries(url.searchParams) as { page: string; since?: string };
          const events = held[isChild ? Number(url.pathname.split("/")[2]) : 0] as Event[];
          const wanted = events.filter(({ u }) => !filters || since === undefined || u >= Number(since));
          return inOrder(wanted, row_order).slice(Number(page) * size, (Number(page) + 1) * size);
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
        for (const night of nights) {
          const added: [Event[], Event[]] = [[], []];
          for (const [user, later] of night) {
            const whose = (isChild ? user : 0) as 0 | 1;
            const last = [...held[whose], ...added[whose]].at(-1)?.u ?? 0;
            added[whose].push({ id: ++id, u: last + later });
          }
          for (const [whose, events] of added.entries()) held[whose]?.push(...events);
          const pages = cuts === null ? undefined : (invocation: number) => cuts[invocation % cuts.length] as number;
          const { rows, failures } = await runSource(world, source, { pages });
          expect(failures).toEqual({});
          expect(rows.events).toEqual(added.flatMap((events) => inOrder(events, row_order)));
          nextNight(world);
        }
      },
    ),
    { numRuns: 25 },
  );
});
