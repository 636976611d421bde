import { describe, expect, test } from "vitest";
import { addPageReadings, NO_READINGS, type PageReadings, readingWarnings } from "../../lib/metering/readings.ts";

const page = (rows: number, total: number | null, end: PageReadings["end"] = "no", repeated = 0): PageReadings => ({
  rows,
  total,
  repeated,
  end,
});
const readingsOf = (...pages: PageReadings[]) => pages.reduce(addPageReadings, NO_READINGS);
const plain = { isStatic: false, hasParent: false, hasDedupSort: false };

describe("readings", () => {
  test.each<[string, PageReadings[], object]>([
    [
      "sum up rows, and compare them with the newest total",
      [page(5, 9), page(5, 10, "complete")],
      { reported_rows: 10 },
    ],
    ["count a list that differs", [page(5, 10), page(4, null, "complete")], { reported_rows: 10, differing_lists: 1 }],
    ["have no total without one", [page(5, null, "complete")], { reported_rows: null }],
    ["do not compare a list that ended early", [page(5, 10, "early")], { reported_rows: null, differing_lists: 0 }],
    [
      "sum up the totals of several lists, of which differences do not cancel",
      [page(2, 3, "complete"), page(4, 3, "complete")],
      { read_rows: 6, reported_rows: 6, differing_lists: 2 },
    ],
    [
      "have no total if one of the lists has none",
      [page(2, 3, "complete"), page(4, null, "complete"), page(1, 1, "complete")],
      { reported_rows: null, differing_lists: 1 },
    ],
  ])("%s", (_, pages, expected) => {
    expect(readingsOf(...pages)).toMatchObject({ differing_lists: 0, list_rows: 0, list_total: null, ...expected });
  });

  test("warn of repeated keys and of differences, and of nothing else", () => {
    expect(readingWarnings(readingsOf(page(10, 10, "complete")), plain)).toEqual([]);
    expect(readingWarnings(readingsOf(page(10, 10, "complete", 1)), plain)).toEqual([
      expect.stringMatching(
        /^1 of 10 rows repeat a primary key of this run \(the API reports 10\): rows moved between pages/,
      ),
    ]);
    expect(readingWarnings(readingsOf(page(9, 10, "complete")), plain)).toEqual([
      expect.stringMatching(
        /^the number of rows differs from the total of the API \(9 read, the API reports 10\): check/,
      ),
    ]);
    expect(
      readingWarnings(readingsOf(page(1, 2, "complete"), page(1, null, "complete")), { ...plain, hasParent: true }),
    ).toEqual([expect.stringContaining("for 1 of the parent's rows (2 read): check")]);
  });

  test("do not warn of repeated keys where dedup_sort expects them", () => {
    expect(readingWarnings(readingsOf(page(10, 10, "complete", 1)), { ...plain, hasDedupSort: true })).toEqual([]);
  });
});
