/** Median, minimum and maximum of several measurements. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Returns the spread of at least one value. */
export const spreadOf = (values: number[]): Spread => {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
};

/**
 * Returns the spread of the ratios, computed round by round, so that a temporary slowdown affects both values of a ratio.
 */
export const ratiosOf = (numerators: number[], denominators: number[]): Spread =>
  spreadOf(numerators.map((value, round) => value / (denominators[round] ?? Number.NaN)));
