/** V8's own default. MB. */
const MOST_SEMI_SPACE = 16;

/**
 * What a Lambda's environment says of its memory. Half of it is for the heap; the other half for what lies outside: Node
 * itself, answers that are on their way, compressed parts. Without a bound V8 lets garbage pile up as long as the machine has
 * room, and Lambda ends what goes beyond its memory. Young objects get little room as well: a page and its rows live shortly,
 * and the page after it takes their place. One arena, since glibc's malloc otherwise keeps the freed buffers of each thread
 * apart. Scenario 4 of `npm run bench` measures what comes of it.
 *
 * @param memory of the function, in MB.
 */
export const memoryEnvironment = (memory: number) => ({
  NODE_OPTIONS: [
    "--enable-source-maps",
    `--max-old-space-size=${Math.floor(memory / 2)}`,
    `--max-semi-space-size=${Math.min(MOST_SEMI_SPACE, Math.floor(memory / 64))}`,
  ].join(" "),
  MALLOC_ARENA_MAX: "1",
});
