import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { HANG_LIMIT } from "./test/limits.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: HANG_LIMIT,
    hookTimeout: HANG_LIMIT,
    maxWorkers: availableParallelism(),
  },
});
