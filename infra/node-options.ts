/** V8's own default. MB. */
const MOST_SEMI_SPACE = 16;

/**
 * The `NODE_OPTIONS` of a Lambda. Half of its memory is for the heap; the other half for what lies outside of it: Node itself,
 * answers that are on their way, compressed parts. Without a bound V8 lets garbage pile up as long as the machine has room,
 * and Lambda kills what goes beyond its memory. Young objects get little room as well: a page and its rows live shortly, and
 * the page after it takes their place (measured by scenario 4 of `npm run bench`).
 *
 * @param memory of the function, in MB.
 */
export const nodeOptions = (memory: number): string =>
  [
    "--enable-source-maps",
    `--max-old-space-size=${Math.floor(memory / 2)}`,
    `--max-semi-space-size=${Math.min(MOST_SEMI_SPACE, Math.floor(memory / 64))}`,
  ].join(" ");
