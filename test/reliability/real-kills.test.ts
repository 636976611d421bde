import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleSize } from "../size.ts";

const PAGE = 50;
const KILLS = sampleSize({ quick: 4, full: 20 });
/** Rows of a part. A process that is killed early commits no part, and one that is killed later commits several. */
const PART = 4 * PAGE;
const MAX_PAGES_BEFORE_KILL = 14;
/** Responses that a process may get after those: prefetched pages, and requests until it is dead. */
const PAGES_BEYOND = 6;
/** Enough rows that no process reaches the end before it is killed. */
const ROWS = KILLS * (MAX_PAGES_BEFORE_KILL + PAGES_BEYOND) * PAGE;

const COMMAND = fileURLToPath(new URL("../../cli/restlake.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "restlake-kills-"));
const config = join(folder, "big.json");
const out = join(folder, "lake");
let requests = 0;
/** Responses that the process may still get, so that it makes no progress if it is killed late. */
let responsesLeft = 0;

const server = createServer(async (request, response) => {
  requests++;
  if (responsesLeft-- <= 0) return;
  const url = new URL(request.url ?? "", "http://local");
  const offset = Number(url.searchParams.get("offset"));
  const rows = Array.from({ length: Math.max(0, Math.min(PAGE, ROWS - offset)) }, (_, index) => ({
    id: offset + index + 1,
    name: `row ${offset + index + 1}`,
  }));
  await sleep(2);
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ data: rows }));
});

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  writeFileSync(
    config,
    JSON.stringify({
      name: "big",
      client: { base_url: `http://127.0.0.1:${port}` },
      resources: [
        { name: "rows", endpoint: { path: "rows", data_selector: "data", paginator: { type: "offset", limit: PAGE } } },
      ],
      settings: { file_max_items: PART },
    }),
  );
});

afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs `sync`, kills it after this many pages, and returns its exit code; null when it was killed. */
const sync = async (pagesBeforeKill: number): Promise<number | null> => {
  const child = spawn(process.execPath, [COMMAND, "sync", config, "--out", out, "--json"], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let pages = 0;
  responsesLeft = pagesBeforeKill + PAGES_BEYOND;
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.includes('"type":"page"') && ++pages === pagesBeforeKill) child.kill("SIGKILL");
  });
  const [code] = await once(child, "close");
  return code as number | null;
};

const objects = (): string[] => readdirSync(join(out, "s3", "lake", "data"), { recursive: true, encoding: "utf8" });

test(`${ROWS} rows are each stored once and in order after ${KILLS} random SIGKILLs`, async () => {
  for (let kill = 0; kill < KILLS; kill++) {
    expect(await sync(1 + Math.floor(Math.random() * MAX_PAGES_BEFORE_KILL))).toBeNull();
  }
  expect(await sync(Number.POSITIVE_INFINITY)).toBe(0);

  const parts = objects()
    .filter((key) => key.endsWith(".json.gz"))
    .sort();
  const rows = parts.flatMap((key) =>
    gunzipSync(readFileSync(join(out, "s3", "lake", "data", key)))
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { id: number; _seq: number }),
  );
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: ROWS }, (_, index) => index + 1));
  expect(rows.map(({ _seq }) => _seq)).toEqual(rows.map(({ id }) => id));
  // Only pages without a committed part are requested again: at most one part and one more page for each kill.
  expect(requests).toBeLessThanOrEqual(ROWS / PAGE + 1 + KILLS * (PART / PAGE + 1 + MAX_PAGES_BEFORE_KILL));
  expect(new Set(parts.map((key) => key.split("/").at(-2))).size).toBe(1);
});
