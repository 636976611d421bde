import process from "node:process";

const given = process.env.RESTLAKE_TEST_SEED;
if (given !== undefined && !/^-?\d+$/.test(given)) {
  throw new Error(
    `RESTLAKE_TEST_SEED is not an integer (${JSON.stringify(given)}): use the seed that a failed test printed`,
  );
}

/** Seed of the random cases of a suite, as options of fast-check. `RESTLAKE_TEST_SEED` repeats those of a failed test. */
export const SEED: { seed?: number } = given === undefined ? {} : { seed: Number(given) };
