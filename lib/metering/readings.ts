/** Rows as the API returned them, against what it reports about them. */
export interface Readings {
  /** Rows in the responses, before any filter. */
  read_rows: number;
  /** Sum of the totals that the API reports; null if it reports none for one of the lists that were read. */
  reported_rows: number | null;
  /** Lists whose reported total differs from their rows. A list has the pages of the resource, or of a row of its parent. */
  differing_lists: number;
  /** Rows whose primary key an earlier row of the run has. */
  repeated_rows: number;
  /** Rows in the pages of the current list so far. */
  list_rows: number;
  /** The newest total that the API reports for it; null for none. */
  list_total: number | null;
}

/** Readings before the first page. */
export const NO_READINGS: Readings = {
  read_rows: 0,
  reported_rows: 0,
  differing_lists: 0,
  repeated_rows: 0,
  list_rows: 0,
  list_total: null,
};

/** A page that was read. */
export interface PageReadings {
  rows: number;
  /** Total that its response reports; null for none. */
  total: number | null;
  /** Rows whose primary key an earlier row of the run has. */
  repeated: number;
  /** `complete`: it is the last page of its list. `early`: it is, although there may be more pages, which were not needed. */
  end: "no" | "complete" | "early";
}

/** Returns the readings with those of a page. */
export const addPageReadings = (before: Readings, { rows, total, repeated, end }: PageReadings): Readings => {
  const after: Readings = {
    read_rows: before.read_rows + rows,
    reported_rows: before.reported_rows,
    differing_lists: before.differing_lists,
    repeated_rows: before.repeated_rows + repeated,
    list_rows: before.list_rows + rows,
    // Rows may be added while pages are read: the newest total counts.
    list_total: total ?? before.list_total,
  };
  if (end === "no") return after;
  const { list_rows, list_total, reported_rows, differing_lists } = after;
  const isReported = end === "complete" && list_total !== null;
  return {
    ...after,
    reported_rows: isReported && reported_rows !== null ? reported_rows + list_total : null,
    differing_lists: differing_lists + (isReported && list_total !== list_rows ? 1 : 0),
    list_rows: 0,
    list_total: null,
  };
};

/**
 * Returns the warning about a total that falls between two pages of a list. Rows were deleted, which moves later rows to pages
 * that were read before, and the newest total then equals the rows read.
 */
export const fallenTotalWarning = ({ list_total }: Readings, total: number | null): string[] =>
  list_total === null || total === null || total >= list_total
    ? []
    : [
        `the total of the API fell from ${list_total} to ${total} between two pages: rows were deleted, which moves others to pages that were read before. They may be missing: load again, or use a cursor`,
      ];

/** Facts of a resource that decide which warnings its readings are. */
interface ReadingRules {
  /** Whether the rows are in the config. */
  isStatic: boolean;
  hasParent: boolean;
  /** Whether the config expects several rows of a key in one run. */
  hasDedupSort: boolean;
}

const MOVED = "rows moved between pages during the run";
const SORT = "sort by a column that does not change, or load again";

/** Returns the warnings of a resource that was read completely. */
export const readingWarnings = (
  { read_rows, reported_rows, differing_lists, repeated_rows }: Readings,
  { isStatic, hasParent, hasDedupSort }: ReadingRules,
): string[] => {
  const reports = reported_rows === null ? "" : `the API reports ${reported_rows}`;
  const lists = hasParent ? ` for ${differing_lists} of the parent's rows` : "";
  return [
    ...(repeated_rows > 0 && !hasDedupSort
      ? [
          `${repeated_rows} of ${read_rows} rows repeat a primary key of this run${reports && ` (${reports})`}: ${isStatic ? "remove them from rows" : `${MOVED}, and others may be missing: ${SORT}`}`,
        ]
      : []),
    ...(differing_lists > 0
      ? [
          `the number of rows differs from the total of the API${lists} (${read_rows} read${reports && `, ${reports}`}): check the paginator. If it is right, ${MOVED}: ${SORT}`,
        ]
      : []),
  ];
};
