import process from "node:process";
import { SECOND } from "../lib/time/durations.ts";
import { EXIT } from "./command.ts";

/** npm forwards the Ctrl-C that the terminal has already sent to every process. A second one within this time is ignored. */
const ECHO_TIME = 0.5 * SECOND;
/** A stop that takes longer is explained. */
const EXPLAIN_AFTER = SECOND;
/** Interval of checks that npm is still running. */
const CHECK_INTERVAL = SECOND;

/** Reason of the abort when the user stops a command. It is not an error, and never leaves `cli`. */
export class Interrupted {
  readonly reason = "interrupted";
}

/** Calls `stop` when npm is gone. npm sends a signal to its shell only: the shell ends, and this process gets no signal. */
const watchNpm = (stop: () => void): NodeJS.Timeout | undefined => {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const shell = process.ppid;
  return setInterval(() => {
    if (process.ppid !== shell) stop();
  }, CHECK_INTERVAL).unref();
};

/**
 * Aborts its signal, with an `Interrupted`, on Ctrl-C, on SIGTERM, when npm is killed, and when the output is no longer
 * read (`| head`). A second Ctrl-C ends the process immediately.
 *
 * @param say prints a line for the user.
 */
export const onInterrupt = (say: (line: string) => void): Disposable & { signal: AbortSignal } => {
  const controller = new AbortController();
  let stoppedAt = 0;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    const now = performance.now();
    if (controller.signal.aborted) {
      if (now - stoppedAt > ECHO_TIME) process.exit(EXIT.stopped);
      return;
    }
    stoppedAt = now;
    timer = setTimeout(say, EXPLAIN_AFTER, "Finishing the current page. Press Ctrl-C again to quit now.");
    controller.abort(new Interrupted());
  };
  const stopOnce = () => {
    if (!controller.signal.aborted) stop();
  };
  const onOutputError = (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") stopOnce();
  };
  const watch = watchNpm(stopOnce);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  process.stdout.on("error", onOutputError);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      clearInterval(watch);
      process.off("SIGINT", stop).off("SIGTERM", stop);
    },
  };
};
