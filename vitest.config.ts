import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest would leave one of two processors idle; most tests wait for processes and sockets.
    maxWorkers: "100%",
  },
});
