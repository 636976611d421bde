import { spawn } from "node:child_process";
import process from "node:process";

/** Returns the platform's command that opens a file; null without a display. */
const openerOf = (platform: NodeJS.Platform, env: NodeJS.ProcessEnv): [string, ...string[]] | null => {
  if (platform === "darwin") return ["open"];
  if (platform === "win32") return ["explorer.exe"];
  return env.DISPLAY || env.WAYLAND_DISPLAY ? ["xdg-open"] : null;
};

/** Opens a file in its default application, if there is a display. It does not wait for the application, and never throws. */
export const openFile = (path: string): void => {
  const [command, ...args] = openerOf(process.platform, process.env) ?? [];
  if (command === undefined) return;
  const child = spawn(command, [...args, path], { detached: true, stdio: "ignore" });
  // Without an opener, the user has the printed path.
  child.on("error", () => {});
  child.unref();
};
