import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

/** Path of the browser: `RESTLAKE_CHROMIUM`, or where Debian's package installs it. */
export const CHROMIUM = process.env.RESTLAKE_CHROMIUM ?? "/usr/bin/chromium";

const HELP = `no browser found (${CHROMIUM}): run apt-get install chromium, or set RESTLAKE_CHROMIUM to the path of a browser`;

/**
 * Ensures that a browser is installed. On Debian, root installs it when it is missing.
 *
 * @throws Error when there is no browser.
 */
export const setup = (): void => {
  if (existsSync(CHROMIUM)) return;
  if (process.env.RESTLAKE_CHROMIUM === undefined && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    console.log("Installing Debian's chromium package ...");
    const environment = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    for (const args of [["update"], ["install", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"]]) {
      spawnSync("apt-get", ["-qq", ...args], { stdio: ["ignore", "ignore", "inherit"], env: environment });
    }
  }
  if (!existsSync(CHROMIUM)) throw new Error(HELP);
};
