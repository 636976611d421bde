import { formatNumber } from "../lib/report/format.ts";
import type { ResourceSummary, SourceSummary } from "./summary.ts";
import { styled } from "./terminal.ts";

const GAP = "  ";

const STYLES: Record<string, Parameters<typeof styled>[0]> = { done: "green", failed: "red" };

type Counts = Pick<
  ResourceSummary,
  "rows" | "pages" | "parts" | "requests" | "waited_seconds" | "read_rows" | "reported_rows"
> & { seconds: number };

/** Title of the rows in the responses, and the totals that the API reports. It is there if the API reports some. */
const READ = "read/total";

/** Columns after name and status, the most important ones first: a narrow terminal omits the last ones. */
const COUNTS = [
  { title: "rows", text: (counts: Counts) => formatNumber(counts.rows) },
  {
    title: READ,
    text: ({ read_rows, reported_rows }: Counts) =>
      reported_rows === 0 ? formatNumber(read_rows) : `${formatNumber(read_rows)}/${formatNumber(reported_rows)}`,
  },
  { title: "time (s)", text: (counts: Counts) => formatNumber(counts.seconds, 1) },
  { title: "waits (s)", text: (counts: Counts) => formatNumber(counts.waited_seconds) },
  { title: "parts", text: (counts: Counts) => formatNumber(counts.parts) },
  { title: "pages", text: (counts: Counts) => formatNumber(counts.pages) },
  { title: "requests", text: (counts: Counts) => formatNumber(counts.requests) },
];
/** Titles in printing order. */
const ORDER = ["rows", READ, "pages", "parts", "requests", "waits (s)", "time (s)"];

interface Line {
  name: string;
  status: string;
  /** Null for the line with a source's name. */
  counts: Counts | null;
}

const linesOf = (summaries: SourceSummary[], isGrouped: boolean): Line[] =>
  summaries.flatMap(({ source, resources, durations }) => {
    const lines = resources.map(({ resource, status, ...counts }) => ({
      name: isGrouped ? `${GAP}${resource}` : `${source}.${resource}`,
      status: status.replace("_", " "),
      counts: { ...counts, seconds: durations.get(resource) ?? 0 },
    }));
    return isGrouped ? [{ name: source, status: "", counts: null }, ...lines] : lines;
  });

const totalOf = (summaries: SourceSummary[]): Line => {
  const all = summaries.flatMap(({ resources, durations }) =>
    resources.map((resource) => ({ ...resource, seconds: durations.get(resource.resource) ?? 0 })),
  );
  const sum = (key: keyof Counts) => all.reduce((total, counts) => total + counts[key], 0);
  return {
    name: "total",
    status: `${all.filter(({ status }) => status === "done").length}/${all.length}`,
    counts: {
      rows: sum("rows"),
      read_rows: sum("read_rows"),
      reported_rows: 0,
      pages: sum("pages"),
      parts: sum("parts"),
      requests: sum("requests"),
      waited_seconds: sum("waited_seconds"),
      seconds: sum("seconds"),
    },
  };
};

const draw = (lines: Line[], total: Line, countColumns: number): string[] => {
  const hasTotals = lines.some(({ counts }) => counts !== null && counts.reported_rows > 0);
  const shown = COUNTS.filter(({ title }) => hasTotals || title !== READ);
  const columns = shown.slice(0, countColumns).sort((a, b) => ORDER.indexOf(a.title) - ORDER.indexOf(b.title));
  const cellsOf = ({ name, status, counts }: Line) => [
    name,
    status,
    ...columns.map(({ text }) => (counts === null ? "" : text(counts))),
  ];
  const header = ["resource", "status", ...columns.map(({ title }) => title)];
  const rows = lines.map(cellsOf);
  const totalRow = cellsOf(total);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...[...rows, totalRow].map((cells) => (cells[column] as string).length)),
  );
  const lineText = (cells: string[]) =>
    cells
      .map((cell, column) => {
        const width = widths[column] as number;
        const padded = column < 2 ? cell.padEnd(width) : cell.padStart(width);
        const style = column === 1 ? STYLES[cell] : undefined;
        return style === undefined ? padded : styled(style, padded);
      })
      .join(GAP)
      .trimEnd();
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width + GAP.length, -GAP.length));
  return [lineText(header), rule, ...rows.map(lineText), rule, lineText(totalRow)];
};

/**
 * Returns a table with a line per resource and a total.
 *
 * @param width columns of the terminal. If the table is wider, it is grouped by source, then omits columns.
 */
export const summaryTable = (summaries: SourceSummary[], width = Number.POSITIVE_INFINITY): string => {
  const total = totalOf(summaries);
  let lines = draw(linesOf(summaries, false), total, COUNTS.length);
  for (let columns = COUNTS.length; columns > 0 && (lines[1] as string).length > width; columns--) {
    lines = draw(linesOf(summaries, true), total, columns);
  }
  return lines.join("\n");
};
