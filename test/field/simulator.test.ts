import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SEED } from "../seed.ts";
import { sampleSize } from "../size.ts";
import {
  evidenceIn,
  isSound,
  mayBeCapped,
  mustBeComplete,
  UNKNOWABLE,
  unknowableReasons,
} from "./completeness.fixture.ts";
import { MAX_REQUESTS, type Outcome, run, type Simulation, simulations } from "./simulated-run.fixture.ts";

/** The warning that all pages are as full as a cap below the limit allows. */
const CAPPED = /^all \d+ pages have \d+ rows, fewer than limit/;

/** The warnings that say that rows may be missing or doubled, and why. */
const NAMES_THE_GAP = [
  ...[/repeat a primary key/, /differs from the total/, /the total of the API fell/, /announces more/],
  ...[/more than limit/, /response_actions ignores a page/, /The run was resumed/, /it has no rows, but/],
  CAPPED,
  ...[/the only page has exactly/, /the same page for every page number/],
];

const isDone = ({ failure }: Outcome): boolean => failure === undefined;
const isComplete = ({ missing, doubled }: Outcome): boolean => missing.length === 0 && doubled.length === 0;
const isWarned = ({ warnings }: Outcome): boolean =>
  warnings.some((warning) => NAMES_THE_GAP.some((pattern) => pattern.test(warning)));

/** Whether a number of requests is that of a run that ends by itself. */
const hasEnded = (requests: number): boolean => requests <= MAX_REQUESTS;

/** Checks the guarantee for one run. Returns why no client can know that it is not complete, if that is so. */
const check = (simulation: Simulation, outcome: Outcome): string[] => {
  const { failure, warnings, missing, doubled } = outcome;
  const seen = { failure, warnings, missing, doubled };
  expect({ ...seen, requests: outcome.sent.length }).toMatchObject({ requests: expect.toSatisfy(hasEnded) });
  // Nothing is wrong with this API: the run must not fail, and must not warn of anything.
  if (isSound(simulation)) {
    const unexpected = mayBeCapped(simulation) ? warnings.filter((warning) => !CAPPED.test(warning)) : warnings;
    expect({ ...seen, warnings: unexpected }).toEqual({ failure: undefined, warnings: [], missing: [], doubled: [] });
  }
  if (mustBeComplete(simulation)) expect(seen).toMatchObject({ failure: undefined, missing: [], doubled: [] });
  if (!isDone(outcome) || isComplete(outcome)) return [];
  for (const pattern of evidenceIn(simulation, outcome)) {
    expect(seen).toMatchObject({ warnings: expect.arrayContaining([expect.stringMatching(pattern)]) });
  }
  if (isWarned(outcome)) return [];
  const reasons = unknowableReasons(simulation);
  expect({ ...seen, reasons }).not.toMatchObject({ reasons: [] });
  return reasons;
};

describe("a simulated API", () => {
  test("is read completely, or the run fails, or warns of what is missing, or no client can know it", async () => {
    const count = { runs: 0, complete: 0, sound: 0 };
    const reasons = new Set<string>();
    await fc.assert(
      fc.asyncProperty(simulations, async (simulation) => {
        const outcome = await run(simulation);
        for (const reason of check(simulation, outcome)) reasons.add(reason);
        count.runs++;
        if (isDone(outcome) && isComplete(outcome)) count.complete++;
        if (isSound(simulation)) count.sound++;
      }),
      { numRuns: sampleSize({ quick: 300, full: 4000 }), ...SEED },
    );
    // The guarantee also holds for a client that always fails.
    expect(count.complete).toBeGreaterThan(count.runs / 3);
    expect(count.sound).toBeGreaterThan(count.runs / 20);
    // Some reasons are rare. Those that occurred are all in the list: `check` compares them.
    expect(reasons.size).toBeGreaterThanOrEqual(sampleSize({ quick: 1, full: 6 }));
  });

  test("deceives any client in no other ways than docs/completeness.md lists", () => {
    const page = readFileSync(new URL("../../docs/completeness.md", import.meta.url), "utf8");
    const [, section = ""] = page.split("## What no client can know");
    const titles = [...section.matchAll(/^- \*\*(.+?)\*\*/gm)].map(([, title = ""]) => title.replace(/\.$/, ""));
    const plain = titles.map((title) => title.replaceAll("`", ""));
    expect(plain).toEqual(expect.arrayContaining(Object.keys(UNKNOWABLE)));
  });
});
