import { spawn } from "node:child_process";
import process from "node:process";

/** The system's own way to open a file; null where there is no display to open it on. */
const openerOf = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv): [string, ...string[]] | null => {
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["explorer.exe"];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open"] : null;
};

/** Opens a file in what the user has for it, if there is anything: nobody waits for it, and it never fails. */
export const openForUser = (path: string): void => {
  const [command, ...args] = openerOf(process.platform, process.env) ?? [];
  if (command === undefined) return;
  const child = spawn(command, [...args, path], { detached: true, stdio: "ignore" });
  // The path is printed: whoever has no opener opens it by hand.
  child.on("error", () => {});
  child.unref();
};
