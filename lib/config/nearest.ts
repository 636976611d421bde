/** Returns the number of edits between two words (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
};

/** Words shorter than this must match within one edit: two edits would make another word. */
const SHORT_WORD_LENGTH = 5;
/** Minimum length of a substring match. Shorter ones, such as `id` or `at`, are part of too many names. */
const MIN_SUBSTRING_LENGTH = 4;

/** Returns the only candidate that contains the word: `oauth2_client_credentials` for `oauth2`. */
const containing = (word: string, candidates: readonly string[]): string | undefined => {
  if (word.length < MIN_SUBSTRING_LENGTH) return undefined;
  const found = candidates.filter((candidate) => candidate.includes(word));
  return found.length === 1 ? found[0] : undefined;
};

const maxEdits = ({ length }: string): number => (length < SHORT_WORD_LENGTH ? 1 : Math.max(2, Math.floor(length / 3)));

/** Returns the candidate that a misspelled word most likely stands for: few edits away, or the only one that contains it. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const lower = word.toLowerCase();
  const closest = candidates
    .map((candidate) => ({ candidate, edits: distance(lower, candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= maxEdits(candidate))
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;
  return closest ?? containing(lower, candidates);
};

/** Returns `: did you mean "x"?`, or a full stop if no candidate is near. */
export const didYouMean = (word: string, candidates: readonly string[]): string => {
  const suggestion = nearest(word, candidates);
  return suggestion === undefined ? "." : `: did you mean ${JSON.stringify(suggestion)}?`;
};
