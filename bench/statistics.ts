/** Several measurements of one thing. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** The median and both ends of at least one value. */
export const spreadOf = (values: number[]): Spread => {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return { median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2, min: at(0), max: at(sorted.length - 1) };
};

/** What was measured in the same round, one divided by the other: a machine that is slow for a while is so for both. */
export const ratiosOf = (above: number[], below: number[]): Spread =>
  spreadOf(above.map((value, round) => value / (below[round] ?? Number.NaN)));
