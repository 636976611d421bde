import { defineConfig } from "vitest/config";
import { HANG_LIMIT } from "./test/limits.ts";

/** `npm run test:browser`: the reports' pages in headless Chromium. Apart from `npm test`: not every machine has one. */
export default defineConfig({
  test: {
    include: ["test/browser/*.browser.ts"],
    globalSetup: ["test/browser/chromium.setup.ts"],
    testTimeout: HANG_LIMIT,
    hookTimeout: HANG_LIMIT,
    maxWorkers: 1,
  },
});
