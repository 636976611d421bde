/** Rows and pages that many configs share. */

/** Returns rows `{ id, name }` with ids from first to last. */
export const rows = (first: number, last: number): { id: number; name: string }[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => ({
    id: first + index,
    name: `row ${first + index}`,
  }));

/** Returns the rows of one page of `size`, counted from 0, of rows 1 to `last`. */
export const pageOf = (page: number, size: number, last: number) =>
  rows(page * size + 1, Math.min((page + 1) * size, last));
