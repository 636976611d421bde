const MINUTE = 60_000;

/**
 * Milliseconds after which a test or hook counts as hung. It does not measure speed: a test waits for what happens, and its
 * work is sized by count, so that the slowest computer passes.
 */
export const HANG_LIMIT = 10 * MINUTE;

/** Milliseconds after which a wait inside a test gives up: before the test's own limit, to report what it waited for. */
export const WAIT_LIMIT = HANG_LIMIT - MINUTE;
