import { styleText } from "node:util";
import type { ResourceSummary, SourceSummary } from "./summary.ts";

const GAP = "  ";

const STYLES: Record<string, Parameters<typeof styleText>[0]> = { done: "green", failed: "red" };

const number = (value: number, digits = 0): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** What a line tells besides its name and status; a terminal too narrow for all does without the last ones first. */
const COUNTS = [
  { title: "rows", of: (facts: Counts) => number(facts.rows) },
  { title: "seconds", of: (facts: Counts) => number(facts.seconds, 1) },
  { title: "waits s", of: (facts: Counts) => number(facts.waited_seconds) },
  { title: "parts", of: (facts: Counts) => number(facts.parts) },
  { title: "pages", of: (facts: Counts) => number(facts.pages) },
  { title: "requests", of: (facts: Counts) => number(facts.requests) },
];
const ORDER = ["rows", "pages", "parts", "requests", "waits s", "seconds"];

type Counts = Pick<ResourceSummary, "rows" | "pages" | "parts" | "requests" | "waited_seconds"> & { seconds: number };

interface Line {
  name: string;
  status: string;
  /** null for the name of a source above its resources. */
  counts: Counts | null;
}

const lineOf = (
  { resource, status, ...counts }: ResourceSummary,
  seconds: number,
  nameOf: (resource: string) => string,
): Line => ({ name: nameOf(resource), status: status.replace("_", " "), counts: { ...counts, seconds } });

const linesOf = (summaries: SourceSummary[], isGrouped: boolean): Line[] =>
  summaries.flatMap(({ source, resources, durations }) => {
    const lines = resources.map((resource) =>
      lineOf(resource, durations.get(resource.resource) ?? 0, (name) =>
        isGrouped ? `${GAP}${name}` : `${source}.${name}`,
      ),
    );
    return isGrouped ? [{ name: source, status: "", counts: null }, ...lines] : lines;
  });

const totalOf = (summaries: SourceSummary[]): Line => {
  const all = summaries.flatMap(({ resources, durations }) =>
    resources.map((resource) => ({ ...resource, seconds: durations.get(resource.resource) ?? 0 })),
  );
  const sum = (key: keyof Counts) => all.reduce((total, facts) => total + facts[key], 0);
  return {
    name: "total",
    status: `${all.filter(({ status }) => status === "done").length}/${all.length}`,
    counts: {
      rows: sum("rows"),
      pages: sum("pages"),
      parts: sum("parts"),
      requests: sum("requests"),
      waited_seconds: sum("waited_seconds"),
      seconds: sum("seconds"),
    },
  };
};

const draw = (lines: Line[], total: Line, countColumns: number): string[] => {
  const columns = COUNTS.slice(0, countColumns).sort((a, b) => ORDER.indexOf(a.title) - ORDER.indexOf(b.title));
  const cellsOf = ({ name, status, counts }: Line) => [
    name,
    status,
    ...columns.map(({ of }) => (counts === null ? "" : of(counts))),
  ];
  const header = ["resource", "status", ...columns.map(({ title }) => title)];
  const table = [...lines, total].map(cellsOf);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...table.map((cells) => (cells[column] as string).length)),
  );
  const text = (cells: string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] as number;
        const padded = column < 2 ? cell.padEnd(width) : cell.padStart(width);
        const style = column === 1 ? STYLES[cell] : undefined;
        return style === undefined ? padded : styleText(style, padded);
      })
      .join(GAP)
      .trimEnd();
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length));
  return [text(header), rule, ...table.slice(0, -1).map(text), rule, text(table.at(-1) as string[])];
};

/**
 * A table for people: a line per resource and a total.
 *
 * @param width columns of the terminal; what does not fit is told shorter, then left out.
 */
export const summaryTable = (summaries: SourceSummary[], width = Number.POSITIVE_INFINITY): string => {
  const total = totalOf(summaries);
  let lines = draw(linesOf(summaries, false), total, COUNTS.length);
  for (let columns = COUNTS.length; columns > 0 && (lines[1] as string).length > width; columns--) {
    lines = draw(linesOf(summaries, true), total, columns);
  }
  return lines.join("\n");
};
