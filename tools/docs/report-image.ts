/**
 * Writes docs/images/report.png, the picture in the README: `node tools/docs/report-image.ts <report.html>`. The report is one
 * that `npm start -- order_management` has written; the command prints its path.
 */
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const IMAGE = fileURLToPath(new URL("../../docs/images/report.png", import.meta.url));
const VIEWPORT = { width: 1200, height: 860 };

const [report] = process.argv.slice(2);
if (report === undefined) {
  console.error("missing argument <report.html>: run npm start -- order_management, and give the path that it prints");
  process.exit(2);
}
mkdirSync(resolve(IMAGE, ".."), { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.RESTLAKE_CHROMIUM ?? "/usr/bin/chromium" });
const page = await browser.newPage({ viewport: VIEWPORT, colorScheme: "light" });
await page.goto(pathToFileURL(resolve(report)).href);
await page.screenshot({ path: IMAGE });
await browser.close();
