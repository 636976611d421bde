import process from "node:process";
import { EXIT } from "./main.ts";

/** Aborts on Ctrl-C and on SIGTERM; a second one ends the process at once. */
export const onInterrupt = (): { signal: AbortSignal; release(): void } => {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(EXIT.stopped);
    controller.abort();
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return { signal: controller.signal, release: () => process.off("SIGINT", stop).off("SIGTERM", stop) };
};
