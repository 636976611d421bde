/** Edits between two words (Levenshtein). */
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

/** Of words below this length, two edits make another word. */
const SHORT = 5;
/** A part of a name this long is a hint; `id` or `at` is part of too many. */
const SHORTEST_PART = 4;

/** The one candidate that the word is a part of, such as `oauth2`. */
const whole = (word: string, candidates: readonly string[]): string | undefined => {
  const found = word.length < SHORTEST_PART ? [] : candidates.filter((candidate) => candidate.includes(word));
  return found.length === 1 ? found[0] : undefined;
};

/** What somebody meant who wrote the word: the candidate with the fewest edits, or the one that it is a part of. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const small = word.toLowerCase();
  const close = candidates
    .map((candidate) => ({ candidate, edits: distance(small, candidate.toLowerCase()) }))
    .filter(({ candidate: { length }, edits }) => edits <= (length < SHORT ? 1 : Math.max(2, Math.floor(length / 3))))
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;
  return close ?? whole(small, candidates);
};

/** `, did you mean "x"?`, or a full stop. */
export const didYouMean = (word: string, candidates: readonly string[]): string => {
  const meant = nearest(word, candidates);
  return meant === undefined ? "." : `, did you mean ${JSON.stringify(meant)}?`;
};
