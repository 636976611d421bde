import process from "node:process";

/** Values of `RESTLAKE_TEST_SIZE`: `quick` is for `npm test`, `full` for CI. */
const SIZES = ["quick", "full"];

const size = process.env.RESTLAKE_TEST_SIZE ?? "quick";
if (!SIZES.includes(size)) {
  throw new Error(`RESTLAKE_TEST_SIZE is unknown (${JSON.stringify(size)}): use ${SIZES.join(" or ")}`);
}
const isFull = size === "full";

/** Returns the sample size of a suite whose full size costs minutes. */
export const sampleSize = ({ quick, full }: { quick: number; full: number }): number => (isFull ? full : quick);

/** Returns the points from 1 to `last` at which a suite injects a fault: in the quick size one in `oneIn`, and the last. */
export const faultPoints = (last: number, { oneIn }: { oneIn: number }): number[] =>
  Array.from({ length: last }, (_, index) => index + 1).filter(
    (point) => isFull || point % oneIn === 1 || point === last,
  );
