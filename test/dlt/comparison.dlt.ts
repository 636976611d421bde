import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { compare, type Difference } from "./comparison.fixture.ts";
import { COMPARISONS } from "./configs/index.ts";
import { DEVIATIONS, type Deviation } from "./deviations.ts";
import { startDlt } from "./dlt.fixture.ts";

/** Maximum length of one side in a message. */
const MAX_SHOWN = 600;

const dlt = startDlt(2);
afterAll(() => dlt.close());

const shown = (value: unknown): string => {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} ...` : text;
};

/** Returns differences as text: what was compared, and both sides. */
const report = (differences: Difference[]): string =>
  differences
    .map(({ night, aspect, dlt: theirs, restlake }) =>
      [`run ${night}: ${aspect}`, `  dlt       ${shown(theirs)}`, `  restlake  ${shown(restlake)}`].join("\n"),
    )
    .join("\n");

const aspectsOf = (differences: Difference[]): string[] => [...new Set(differences.map(({ aspect }) => aspect))].sort();

for (const [theme, comparisons] of Object.entries(COMPARISONS)) {
  describe.concurrent(theme, () => {
    for (const [title, comparison] of Object.entries(comparisons)) {
      const name = `${theme}: ${title}`;
      test(title, async () => {
        const differences = await compare(name, comparison, dlt);
        const declared = Object.values(comparison.differs ?? {})
          .flat()
          .sort();
        expect(aspectsOf(differences), `${name}\n${report(differences)}`).toEqual(declared);
      });
    }
  });
}

describe("the list of deviations", () => {
  const used = new Set(
    Object.values(COMPARISONS)
      .flatMap((comparisons) => Object.values(comparisons))
      .flatMap(({ differs = {} }) => Object.keys(differs)),
  );
  const page = readFileSync(new URL("../../docs/coming-from-dlt.md", import.meta.url), "utf8");

  for (const [name, row] of Object.entries(DEVIATIONS) as [Deviation, string][]) {
    test(`${name} is a row of docs/coming-from-dlt.md`, () => {
      expect(page).toContain(`\n| ${row} |`);
    });
    test(`${name} is what a comparison shows`, () => expect(used).toContain(name));
  }
});
