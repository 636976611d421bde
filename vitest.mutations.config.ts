import { defineConfig } from "vitest/config";
import { HANG_LIMIT } from "./test/limits.ts";

/** `npm run mutations`: takes out one guard at a time and sees the named test fail. Apart from `npm test`: it runs parts of that many times. */
export default defineConfig({
  test: {
    include: ["test/mutations/*.mutation.ts"],
    testTimeout: HANG_LIMIT,
    hookTimeout: HANG_LIMIT,
  },
});
