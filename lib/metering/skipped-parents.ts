/** Maximum number of skipped rows that are listed. All are counted. */
export const MAX_SKIPPED_PARENTS = 20;
/** Maximum length of a listed row and of a reason. */
const MAX_LENGTH = 120;

/** A row of the parent whose child rows were not read. */
export interface SkippedParent {
  /** Its fields that the request uses, such as `id=2`. */
  row: string;
  /** Why it was skipped: the API's response, or the field that the row lacks. */
  reason: string;
}

/** The skipped rows of a resource's parent: how many, and the first of them. */
export interface SkippedParents {
  skipped_parents: number;
  skipped_parent_rows: SkippedParent[];
}

const shortened = (text: string): string => (text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 3)}...` : text);

/** Returns the skipped rows with one more; null adds none. */
export const addSkippedParent = (
  { skipped_parents, skipped_parent_rows }: SkippedParents,
  added: SkippedParent | null,
): SkippedParents => {
  if (added === null) return { skipped_parents, skipped_parent_rows };
  const isListed = skipped_parent_rows.length < MAX_SKIPPED_PARENTS;
  const listed = { row: shortened(added.row), reason: shortened(added.reason) };
  return {
    skipped_parents: skipped_parents + 1,
    skipped_parent_rows: isListed ? [...skipped_parent_rows, listed] : skipped_parent_rows,
  };
};
