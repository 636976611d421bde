import type { Source } from "./source/index.ts";
export const lambda =
  (_source: Source) =>
  async (_event: unknown): Promise<unknown> => {
    throw new Error("not yet");
  };
