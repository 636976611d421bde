import type { Aspect } from "./comparison.fixture.ts";

/** Comparisons that differ and should not, by name. */
export const PENDING: Record<string, { in: Aspect[]; reason: string }> = {};
