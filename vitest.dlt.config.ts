import { defineConfig } from "vitest/config";
import { HANG_LIMIT } from "./test/limits.ts";

/** `npm run test:dlt`: configs with restlake and with dlt, which is installed from PyPI. Apart from `npm test`: it needs Python, and minutes. */
export default defineConfig({
  test: {
    include: ["test/dlt/*.dlt.ts"],
    globalSetup: ["test/dlt/setup.ts"],
    testTimeout: HANG_LIMIT,
    hookTimeout: HANG_LIMIT,
    maxWorkers: 1,
    maxConcurrency: 6,
  },
});
