import process from "node:process";
import { EXIT } from "./command.ts";

const SECOND = 1000;
/** npm may hand on the Ctrl-C that the terminal has already sent to everyone: within this time it is the same one. */
const ECHO = 0.5 * SECOND;
/** A stop that takes longer is explained. */
const PATIENCE = SECOND;

/** Between two looks whether npm is still there. */
const LOOK = SECOND;

/** The user wants to stop. Not an error, and never leaves `cli`. */
export class Interrupted {
  readonly reason = "interrupted";
}

/** npm hands a signal on to the shell that runs the script; that dies of it, tells nobody, and leaves us behind. */
const watchNpm = (stop: () => void): NodeJS.Timeout | undefined => {
  if (process.env.npm_lifecycle_event === undefined) return undefined;
  const shell = process.ppid;
  return setInterval(() => {
    if (process.ppid !== shell) stop();
  }, LOOK).unref();
};

/**
 * Aborts on Ctrl-C, on SIGTERM, when npm is killed, and when nobody reads the output any more (`| head`), with an
 * `Interrupted`; a second Ctrl-C ends the process at once.
 *
 * @param say tells the user why it takes its time.
 */
export const onInterrupt = (say: (line: string) => void): Disposable & { signal: AbortSignal } => {
  const controller = new AbortController();
  let first = 0;
  let timer: NodeJS.Timeout | undefined;
  const stop = () => {
    const now = performance.now();
    if (controller.signal.aborted) {
      if (now - first > ECHO) process.exit(EXIT.stopped);
      return;
    }
    first = now;
    timer = setTimeout(say, PATIENCE, "Stopping as soon as what is under way is safe; Ctrl-C again ends at once.");
    controller.abort(new Interrupted());
  };
  const onLeftBehind = () => {
    if (!controller.signal.aborted) stop();
  };
  const onBrokenPipe = (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") onLeftBehind();
  };
  const watch = watchNpm(onLeftBehind);
  process.on("SIGINT", stop).on("SIGTERM", stop);
  process.stdout.on("error", onBrokenPipe);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      clearInterval(watch);
      process.off("SIGINT", stop).off("SIGTERM", stop);
    },
  };
};
