import process from "node:process";

const given = process.env.RESTLAKE_TEST_SEED;
if (given !== undefined && !/^-?\d+$/.test(given)) {
  throw new Error(
    `RESTLAKE_TEST_SEED is not an integer (${JSON.stringify(given)}): use the seed that a failed test printed`,
  );
}

/**
 * Options of fast-check. A failure prints the seed immediately; `RESTLAKE_TEST_SEED` repeats its cases, and looks for a smaller
 * one that fails.
 */
export const SEED: { seed?: number; endOnFailure: boolean } =
  given === undefined ? { endOnFailure: true } : { seed: Number(given), endOnFailure: false };
