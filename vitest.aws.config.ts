import { defineConfig } from "vitest/config";
import { HANG_LIMIT } from "./test/limits.ts";

/** `npm run test:aws`: deploys the compiled stack to an emulator. Apart from `npm test`: it needs Python, and minutes. */
export default defineConfig({
  test: {
    include: ["test/aws/*.aws.ts"],
    globalSetup: ["test/aws/setup.ts"],
    testTimeout: HANG_LIMIT,
    hookTimeout: HANG_LIMIT,
    maxWorkers: 2,
  },
});
