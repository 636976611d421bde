import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nextStepOf } from "../../lib/errors/next-step.ts";
import { reportPage } from "../../lib/report/page/page.ts";
import { restlake } from "../cli/command.fixture.ts";
import { WAIT_LIMIT } from "../limits.ts";
import { createWorld, leasesExpire, runStateMachine, type World } from "../reliability/world.ts";
import { HOSTILE, hostile } from "../report/hostile.fixture.ts";
import { earlierRun, resourceReport, runReport } from "../report/report.fixture.ts";
import { newestReport } from "../report/world.fixture.ts";
import { CHROMIUM } from "./chromium.setup.ts";
import {
  AXIS_OFFSET,
  CLIPPED,
  FAINT_TEXTS,
  type FaintText,
  HORIZONTAL_OVERFLOW,
  OVERLAPPING_TICKS,
  REVERSED_TEXTS,
} from "./page-facts.ts";

const PHONE = { width: 360, height: 740 };
const DESK = { width: 1280, height: 900 };
const VIEWS = [
  { colorScheme: "light", viewport: PHONE },
  { colorScheme: "dark", viewport: PHONE },
  { colorScheme: "light", viewport: DESK },
  { colorScheme: "dark", viewport: DESK },
] as const;

let browser: Browser;
let out: string;
/** Paths of the pages, by name. */
const files = new Map<string, string>();

/** Writes the objects of a world into the folder of a local lake. */
const save = async (world: World): Promise<void> => {
  for (const [key, { body }] of world.objects) {
    const path = join(out, "s3", "lake", key);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, body);
  }
};

const write = async (name: string, page: string): Promise<void> => {
  const path = join(out, `${name}.html`);
  await writeFile(path, page);
  files.set(name, path);
};

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "restlake-browser-"));
  const world = createWorld();
  for (let run = 0; run < 5; run++) {
    await runStateMachine(world, world.ports(), { owner: `run ${run}`, memory_mb: 512 });
    leasesExpire(world);
  }
  const pageOf = () => join(out, `s3/lake/reports/shop/${newestReport(world).run_id}.html`);
  files.set("done", pageOf());
  world.data.broken = (path) => path === "/orders";
  await runStateMachine(world, world.ports(), { owner: "fails", memory_mb: 512 });
  files.set("failed", pageOf());
  await save(world);
  const error = {
    name: "HttpError",
    message: `the API returned 500: ${"x".repeat(5000)}`,
    next_step: nextStepOf("HttpError"),
  };
  await write(
    "many",
    reportPage(
      runReport({
        status: "failed",
        closed: false,
        resources: Array.from({ length: 150 }, (_, index) =>
          resourceReport(`${"a_very_long_name_".repeat(3)}${index}`, {
            rows: 1e9,
            bytes: 1e12,
            retries: 1e6,
            waited_seconds: 1e6,
            ...(index === 7 && { status: "failed", error }),
          }),
        ),
        earlier: Array.from({ length: 20 }, (_, index) => earlierRun(index + 1)),
      }),
    ),
  );
  for (const [index, text] of HOSTILE.entries()) await write(`hostile ${index}`, reportPage(hostile(text)));
  await restlake(["report", "--out", "empty", "--no-open"], out);
  files.set("no runs", join(out, "empty", "reports.html"));
  await restlake(["report", "--out", ".", "--no-open"], out);
  files.set("index", join(out, "reports.html"));
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"], timeout: WAIT_LIMIT });
});

afterAll(async () => {
  await browser?.close();
  await rm(out, { recursive: true, force: true });
});

/** An open page, and what it did so far. */
interface Visit {
  page: Page;
  requests: string[];
  /** Messages of the console, of dialogs and of errors. */
  messages: string[];
}

/** Maximum height of a screenshot in Chromium, in pixels. */
const MAX_SCREENSHOT_HEIGHT = 16_384;

const isDrawable = (page: Page): Promise<boolean> =>
  page.evaluate(`document.documentElement.scrollHeight <= ${MAX_SCREENSHOT_HEIGHT}`);

/** Opens a page, calls `inspect`, and closes the page. `RESTLAKE_SCREENSHOTS` names a folder for screenshots. */
const visit = async (
  name: string,
  view: (typeof VIEWS)[number],
  inspect: (visit: Visit) => Promise<void>,
): Promise<void> => {
  const page = await browser.newPage(view);
  page.setDefaultTimeout(WAIT_LIMIT);
  const requests: string[] = [];
  const messages: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(error.message));
  page.on("dialog", (dialog) => {
    messages.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  try {
    await page.goto(pathToFileURL(files.get(name) ?? "").href);
    const folder = process.env.RESTLAKE_SCREENSHOTS;
    const file = `${name.replaceAll(" ", "-")}-${view.colorScheme}-${view.viewport.width}.png`;
    if (folder !== undefined) await page.screenshot({ path: join(folder, file), fullPage: await isDrawable(page) });
    await inspect({ page, requests, messages });
  } finally {
    await page.close();
  }
};

const NAMES = ["done", "failed", "many", "index", "no runs", ...HOSTILE.map((_, index) => `hostile ${index}`)];

describe.for(VIEWS)("$colorScheme, $viewport.width px wide", (view) => {
  test.for(NAMES)("page %s fits the screen, has enough contrast, loads nothing and runs no scripts", async (name) => {
    await visit(name, view, async ({ page, requests, messages }) => {
      expect(await page.evaluate(HORIZONTAL_OVERFLOW)).toEqual({ pixels: 0, elements: [] });
      expect(await page.evaluate(CLIPPED)).toEqual([]);
      expect(await page.evaluate(OVERLAPPING_TICKS)).toBe(0);
      expect((await page.evaluate(FAINT_TEXTS)) as FaintText[]).toEqual([]);
      expect(requests).toEqual([page.url()]);
      expect(messages).toEqual([]);
      expect(await page.evaluate("document.scripts.length")).toBe(0);
    });
  });
});

const [, , DESKTOP] = VIEWS;
const [ON_A_PHONE] = VIEWS;

test("the background is dark in dark mode and light in light mode", async () => {
  const brightness = async (view: (typeof VIEWS)[number]) => {
    let color = "";
    await visit("done", view, async ({ page }) => {
      color = String(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    });
    return Number(/\d+/.exec(color)?.[0]);
  };
  expect(await brightness(VIEWS[0])).toBeGreaterThan(200);
  expect(await brightness(VIEWS[1])).toBeLessThan(50);
});

test.for([DESKTOP, ON_A_PHONE])("every section of a report is visible and has an accessible name: %o", async (view) => {
  await visit("done", view, async ({ page }) => {
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("shop");
    for (const name of ["Resources", "Timeline", "Cost", "Earlier runs"]) {
      const region = page.getByRole("region", { name, exact: true });
      expect(await region.isVisible(), name).toBe(true);
      expect((await region.boundingBox())?.height, name).toBeGreaterThan(40);
    }
    expect(await page.evaluate(AXIS_OFFSET)).toBeLessThan(1);
    // Assistive technology gets a table, even where it looks like cards.
    const accessibility = await page.context().newCDPSession(page);
    const { nodes } = (await accessibility.send("Accessibility.getFullAXTree")) as {
      nodes: { role?: { value: string } }[];
    };
    const resources = 3;
    const lines = resources + 4 + 4;
    expect(nodes.filter(({ role }) => role?.value === "rowheader")).toHaveLength(lines);
    expect(nodes.filter(({ role }) => role?.value === "cell")).toHaveLength(resources * 8 + 3 * 3 + 1 + 4 * 6);
  });
});

test("the first failure and its next step are within the first two screens of a phone", async () => {
  await visit("failed", ON_A_PHONE, async ({ page }) => {
    const box = await page.getByText("Next:").first().boundingBox();
    expect(box?.y).toBeLessThan(2 * PHONE.height);
  });
});

test("right-to-left names of resources, tables and columns do not reverse the text next to them", async () => {
  await visit("hostile 5", DESKTOP, async ({ page }) => {
    expect(await page.getByText("is empty").count()).toBe(1);
    expect(await page.evaluate(REVERSED_TEXTS)).toEqual([]);
  });
});

test("a script that gets into a page does not run", async () => {
  const bad =
    "<script>document.title = 'mine'</script><img src='http://127.0.0.1:9/x' onerror=\"document.title='mine'\">";
  await write("bad", reportPage(runReport()).replace("<main>", `<main>${bad}`));
  await visit("bad", DESKTOP, async ({ page }) => {
    expect(await page.title()).toBe("shop: Done");
    expect(await page.evaluate("document.scripts.length")).toBe(1);
  });
});

test("the index links to the page of each run, and a page links to the pages of earlier runs", async () => {
  await visit("index", DESKTOP, async ({ page }) => {
    const links = page.getByRole("table").getByRole("link");
    expect(await links.count()).toBe(6);
    await links.first().click();
    expect(await page.title()).toBe("shop: 2 failed");
    await page.getByRole("region", { name: "Earlier runs" }).getByRole("link").first().click();
    expect(await page.title()).toBe("shop: Done");
  });
});
