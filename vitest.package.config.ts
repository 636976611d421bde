import { defineConfig } from "vitest/config";
import { HANG_LIMIT } from "./test/limits.ts";

/** `npm run test:package`: the npm package in a user's project. Apart from `npm test`: it installs packages from the registry. */
export default defineConfig({
  test: {
    include: ["test/package/*.package.ts"],
    testTimeout: HANG_LIMIT,
    hookTimeout: HANG_LIMIT,
    maxWorkers: 1,
  },
});
