import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";

/** Where Debian's package puts it; `RESTLAKE_CHROMIUM` names another one. */
export const CHROMIUM = process.env.RESTLAKE_CHROMIUM ?? "/usr/bin/chromium";

const HELP = `There is no browser at ${CHROMIUM}: install Debian's chromium package (apt-get install chromium), or say in RESTLAKE_CHROMIUM where one is.`;

/** Sees that there is a browser; on a Debian where this may install one, it does. */
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
