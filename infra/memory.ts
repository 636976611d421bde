/** V8's default maximum size of a semi-space. MB. */
const MAX_SEMI_SPACE = 16;

/**
 * Returns the environment variables that bound a Lambda's memory. Half of the memory is for V8's heap, the rest is for Node,
 * responses in flight and compressed parts. Without a bound V8 lets garbage grow up to the host's memory, and Lambda kills
 * the process. The semi-spaces are small, because a page and its rows are short-lived. glibc's
 * malloc gets one arena: otherwise it keeps the freed buffers of each thread apart. Scenario 4 of `npm run bench` measures
 * the effect.
 *
 * @param memory of the Lambda, in MB.
 */
export const memoryEnvironment = (memory: number) => ({
  NODE_OPTIONS: [
    "--enable-source-maps",
    `--max-old-space-size=${Math.floor(memory / 2)}`,
    `--max-semi-space-size=${Math.min(MAX_SEMI_SPACE, Math.floor(memory / 64))}`,
  ].join(" "),
  MALLOC_ARENA_MAX: "1",
});
