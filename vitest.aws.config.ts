import { defineConfig } from "vitest/config";

/** `npm run test:aws`: deploys the compiled stack to an emulator. Apart from `npm test`: it needs Python, and minutes. */
export default defineConfig({
  test: {
    include: ["test/aws/*.aws.ts"],
    globalSetup: ["test/aws/setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 180_000,
    maxWorkers: 2,
  },
});
