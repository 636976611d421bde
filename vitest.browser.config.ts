import { defineConfig } from "vitest/config";

/** `npm run test:browser`: the reports' pages in headless Chromium. Apart from `npm test`: not every machine has one. */
export default defineConfig({
  test: {
    include: ["test/browser/*.browser.ts"],
    globalSetup: ["test/browser/chromium.setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 1,
  },
});
