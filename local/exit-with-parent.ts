/**
 * Ends a child process when its parent ends, even if the parent is killed. Loaded with `--import`; the child's stdin must be a
 * pipe from its parent.
 */
import process from "node:process";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const leave = () => process.exit();
  process.stdin.on("end", leave).on("error", leave).resume();
  process.stdin.unref?.();
}
