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
import { createWorld, leasesExpire, runMachine, type World } from "../reliability/world.ts";
import { HOSTILE, hostile } from "../report/hostile.fixture.ts";
import { earlierRun, resourceReport, runReport } from "../report/report.fixture.ts";
import { newestReport } from "../report/world.fixture.ts";
import { CHROMIUM } from "./chromium.setup.ts";
import { AXIS_OFF, CLIPPED, FAINT_TEXTS, type FaintText, SIDEWAYS, TICKS_TOGETHER, TURNED } from "./page-facts.ts";

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
/** The page of a real run, by what it shows. */
const files = new Map<string, string>();

/** Puts the objects of a world where a local lake has them. */
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
  for (let night = 0; night < 5; night++) {
    await runMachine(world, world.ports(), { owner: `night ${night}`, memory_mb: 512 });
    leasesExpire(world);
  }
  const pageOf = () => join(out, `s3/lake/reports/shop/${newestReport(world).run_id}.html`);
  files.set("done", pageOf());
  world.data.broken = (path) => path === "/orders";
  await runMachine(world, world.ports(), { owner: "fails", memory_mb: 512 });
  files.set("failed", pageOf());
  await save(world);
  const error = { name: "HttpError", message: `answered 500: ${"x".repeat(5000)}`, next_step: nextStepOf("HttpError") };
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
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
});

afterAll(async () => {
  await browser?.close();
  await rm(out, { recursive: true, force: true });
});

/** What a page did while it was open. */
interface Seen {
  page: Page;
  requests: string[];
  /** Of the console, dialogs and errors. */
  noises: string[];
}

/** Opens a page, and closes it after what is done with it. */
const visit = async (
  name: string,
  view: (typeof VIEWS)[number],
  look: (seen: Seen) => Promise<void>,
): Promise<void> => {
  const page = await browser.newPage(view);
  const requests: string[] = [];
  const noises: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("console", (message) => noises.push(message.text()));
  page.on("pageerror", (error) => noises.push(error.message));
  page.on("dialog", (dialog) => {
    noises.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  try {
    await page.goto(pathToFileURL(files.get(name) ?? "").href);
    const folder = process.env.RESTLAKE_SCREENSHOTS;
    const place = `${name.replaceAll(" ", "-")}-${view.colorScheme}-${view.viewport.width}.png`;
    if (folder !== undefined) await page.screenshot({ path: join(folder, place), fullPage: name !== "many" });
    await look({ page, requests, noises });
  } finally {
    await page.close();
  }
};

const NAMES = ["done", "failed", "many", "index", "no runs", ...HOSTILE.map((_, index) => `hostile ${index}`)];

describe.for(VIEWS)("$colorScheme, $viewport.width px wide", (view) => {
  test.for(NAMES)("%s: nothing goes beyond the side, is loaded, runs, or is hard to read", async (name) => {
    await visit(name, view, async ({ page, requests, noises }) => {
      expect(await page.evaluate(SIDEWAYS)).toEqual({ beyond: 0, wide: [] });
      expect(await page.evaluate(CLIPPED)).toEqual([]);
      expect(await page.evaluate(TICKS_TOGETHER)).toBe(0);
      expect((await page.evaluate(FAINT_TEXTS)) as FaintText[]).toEqual([]);
      expect(requests).toEqual([page.url()]);
      expect(noises).toEqual([]);
      expect(await page.evaluate("document.scripts.length")).toBe(0);
    });
  });
});

const [, , DESKTOP] = VIEWS;
const [ON_A_PHONE] = VIEWS;

test("the ground is dark where the system is, and light where it is light", async () => {
  const ground = async (view: (typeof VIEWS)[number]) => {
    let color = "";
    await visit("done", view, async ({ page }) => {
      color = String(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
    });
    return Number(/\d+/.exec(color)?.[0]);
  };
  expect(await ground(VIEWS[0])).toBeGreaterThan(200);
  expect(await ground(VIEWS[1])).toBeLessThan(50);
});

test.for([DESKTOP, ON_A_PHONE])("every section of a run's page is seen, and named", async (view) => {
  await visit("done", view, async ({ page }) => {
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("shop");
    for (const name of ["Resources", "Timeline", "Cost", "Earlier runs"]) {
      const region = page.getByRole("region", { name, exact: true });
      expect(await region.isVisible(), name).toBe(true);
      expect((await region.boundingBox())?.height, name).toBeGreaterThan(40);
    }
    expect(await page.evaluate(AXIS_OFF)).toBeLessThan(1);
    // A table stays one for those who hear it, also where it looks like cards.
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

test("a failure, and what to do next, is on the first screen of a phone's second page at the latest", async () => {
  await visit("failed", ON_A_PHONE, async ({ page }) => {
    const box = await page.getByText("Next:").first().boundingBox();
    expect(box?.y).toBeLessThan(2 * PHONE.height);
  });
});

test("the names of resources, tables and columns do not turn around what stands beside them", async () => {
  await visit("hostile 5", DESKTOP, async ({ page }) => {
    expect(await page.getByText("is empty").count()).toBe(1);
    expect(await page.evaluate(TURNED)).toEqual([]);
  });
});

test("should a script get into a page all the same, it does not run", async () => {
  const bad =
    "<script>document.title = 'mine'</script><img src='http://127.0.0.1:9/x' onerror=\"document.title='mine'\">";
  await write("bad", reportPage(runReport()).replace("<main>", `<main>${bad}`));
  await visit("bad", DESKTOP, async ({ page }) => {
    expect(await page.title()).toBe("shop: Done");
    expect(await page.evaluate("document.scripts.length")).toBe(1);
  });
});

test("the index leads to the page of each run, and that to those before it", async () => {
  await visit("index", DESKTOP, async ({ page }) => {
    const links = page.getByRole("table").getByRole("link");
    expect(await links.count()).toBe(6);
    await links.first().click();
    expect(await page.title()).toBe("shop: 2 failed");
    await page.getByRole("region", { name: "Earlier runs" }).getByRole("link").first().click();
    expect(await page.title()).toBe("shop: Done");
  });
});
