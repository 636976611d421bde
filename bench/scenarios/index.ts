import { bundleSize } from "./bundle-size.ts";
import { childResources } from "./child-resources.ts";
import { compressionLevel } from "./compression-level.ts";
import { cpuBound } from "./cpu-bound.ts";
import { latencyBound } from "./latency-bound.ts";
import type { Scenario } from "./scenario.ts";
import { memoryUse, scaling } from "./table-size.ts";

/** All scenarios, in order. The number of a scenario is its position, from 1. */
export const SCENARIOS: Scenario[] = [
  cpuBound,
  latencyBound,
  childResources,
  memoryUse,
  bundleSize,
  scaling,
  compressionLevel,
];
