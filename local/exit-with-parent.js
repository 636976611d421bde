/**
 * Loaded with `--import` into a child process whose stdin is a pipe from its parent: when the parent is gone, however
 * it went, the pipe ends and so does the child.
 */
import process from "node:process";
import { isMainThread } from "node:worker_threads";

if (isMainThread) {
  const leave = () => process.exit();
  process.stdin.on("end", leave).on("error", leave).resume();
  process.stdin.unref?.();
}
