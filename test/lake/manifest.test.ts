import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { CheckpointError, CommitConflictError, StorageError } from "../../lib/errors/index.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { manifestKey, partKey } from "../../lib/lake/keys.ts";
import { readManifest, writeManifest } from "../../lib/lake/manifest.ts";
import { address, type Lake, NO_MERGE_RULES, partOf, position, RUN_ID, startLake } from "./lake.fixture.ts";

const KEY = manifestKey(address);
const FACTS = {
  full_refresh: true,
  removes_missing_rows: false,
  write_disposition: "merge",
  primary_key: ["id"],
  table_resources: ["orders"],
  warnings: [],
  ...NO_MERGE_RULES,
};
const isManifestPut = ({ operation, key }: { operation: string; key: string }) =>
  operation === "PutObject" && key === KEY;

/** Writes a complete log: parts of one row each, and a final part without rows. */
const completeLog = async (lake: Lake, parts: number) => {
  const log = await openCommitLog(lake.ports, address, position(), "a");
  for (let n = 1; n < parts; n++) await log.commit(await partOf(n, { schema_version: n }));
  const cursors = { "": { value: "2024-01-01", hashes: ["h"] } };
  const end = position({ pages: parts, rows: parts - 1, cursors });
  await log.commit({ ...(await partOf(parts)), rows: 0, position: end, final: true });
};

describe("a manifest", () => {
  test("lists every part of the log with rows, bytes and hash, in order", async () => {
    await using lake = await startLake();
    await completeLog(lake, 3);
    const manifest = await writeManifest(lake.ports, address, 3, FACTS);
    expect(manifest).toMatchObject({
      version: 1,
      source: "shop",
      resource: "orders",
      table: "orders",
      run_id: RUN_ID,
      ...FACTS,
      rows: 2,
      pages: 3,
      cursors: { "": { value: "2024-01-01", hashes: ["h"] } },
    });
    expect(manifest.parts.map(({ part, rows, schema_version }) => [part, rows, schema_version])).toEqual([
      [1, 1, 1],
      [2, 1, 2],
      [3, 0, 1],
    ]);
    for (const { key, bytes, sha256, part } of manifest.parts) {
      const body = await lake.read(key);
      expect(key).toBe(partKey(address, part));
      expect(bytes).toBe(body.byteLength);
      expect(sha256).toBe(createHash("sha256").update(body).digest("hex"));
      expect(gunzipSync(body).length).toBeGreaterThan(0);
    }
  });

  test("is one line of JSON, and reads back equal", async () => {
    await using lake = await startLake();
    await completeLog(lake, 2);
    const manifest = await writeManifest(lake.ports, address, 2, FACTS);
    expect(KEY).toBe(`manifests/shop/orders/${RUN_ID}-orders.json`);
    const text = (await lake.read(KEY)).toString();
    expect(text.indexOf("\n")).toBe(text.length - 1);
    expect(JSON.parse(text)).toEqual(manifest);
    expect(await readManifest(lake.ports, address)).toEqual(manifest);
  });

  test("is null while the log is not complete", async () => {
    await using lake = await startLake();
    expect(await readManifest(lake.ports, address)).toBeNull();
  });

  test("lists the parts of a long log in order", async () => {
    await using lake = await startLake();
    await completeLog(lake, 18);
    const { parts, rows } = await writeManifest(lake.ports, address, 18, FACTS);
    expect(parts.map(({ part }) => part)).toEqual(Array.from({ length: 18 }, (_, index) => index + 1));
    expect(rows).toBe(17);
  });

  test("of a resource that is not selected is not under manifests/, so that no table shows it", async () => {
    await using lake = await startLake();
    const hidden = { ...address, selected: false };
    const log = await openCommitLog(lake.ports, hidden, position(), "a");
    await log.commit(await partOf(1, { final: true }));
    await writeManifest(lake.ports, hidden, 1, FACTS);
    expect((await lake.keys()).filter((key) => !key.startsWith("state/"))).toEqual([]);
    expect(await readManifest(lake.ports, hidden)).toMatchObject({ rows: 1 });
  });
});

describe("writing a manifest", () => {
  test("by several writers at the same time writes it once, and all get the same", async () => {
    await using lake = await startLake();
    await completeLog(lake, 3);
    const written = await Promise.all([1, 2, 3, 4].map(() => writeManifest(lake.ports, address, 3, FACTS)));
    for (const manifest of written) expect(manifest).toEqual(await readManifest(lake.ports, address));
    expect(await lake.keys("manifests/")).toEqual([KEY]);
  });

  test("again gives the same bytes", async () => {
    await using lake = await startLake();
    await completeLog(lake, 3);
    await writeManifest(lake.ports, address, 3, FACTS);
    const first = await lake.read(KEY);
    await lake.remove(KEY);
    await writeManifest(lake.ports, address, 3, FACTS);
    expect((await lake.read(KEY)).equals(first)).toBe(true);
  });

  test("keeps the first one, even if the config has changed", async () => {
    await using lake = await startLake();
    await completeLog(lake, 2);
    const first = await writeManifest(lake.ports, address, 2, FACTS);
    const second = await writeManifest(lake.ports, address, 2, { ...FACTS, write_disposition: "append" });
    expect(second).toEqual(first);
    expect(await lake.json(KEY)).toEqual(first);
  });

  test("succeeds when the response is lost", async () => {
    await using lake = await startLake();
    await completeLog(lake, 2);
    lake.failOnce(isManifestPut, "lost");
    const manifest = await writeManifest(lake.ports, address, 2, FACTS);
    expect(await lake.json(KEY)).toEqual(manifest);
  });
});

describe("a 409 for a manifest", () => {
  test("is retried until the manifest exists", async () => {
    await using lake = await startLake();
    await completeLog(lake, 2);
    lake.failOnce(isManifestPut, { status: 409, code: "ConditionalRequestConflict" });
    await writeManifest(lake.ports, address, 2, FACTS);
    expect(await lake.keys("manifests/")).toEqual([KEY]);
  });

  test("on every attempt is a StorageError", async () => {
    await using lake = await startLake();
    await completeLog(lake, 2);
    lake.fail((request) => (isManifestPut(request) ? { status: 409, code: "ConditionalRequestConflict" } : undefined));
    await expect(writeManifest(lake.ports, address, 2, FACTS)).rejects.toThrow(StorageError);
  });
});

describe("a log with a broken chain gets no manifest", () => {
  test("when a part is missing", async () => {
    await using lake = await startLake();
    await completeLog(lake, 3);
    await lake.remove(partKey(address, 2));
    await expect(writeManifest(lake.ports, address, 3, FACTS)).rejects.toThrow(CheckpointError);
    await expect(writeManifest(lake.ports, address, 3, FACTS)).rejects.toThrow(
      /part 2 of run .* is missing from the bucket .*orders-000002.*: start with new_run/,
    );
    expect(await lake.keys("manifests/")).toEqual([]);
  });

  test("when a part was changed before the checkpoint", async () => {
    await using lake = await startLake();
    await completeLog(lake, 18);
    const key = partKey(address, 17);
    await lake.overwrite(key, await lake.read(key), { ...(await lake.metadata(key)), previous: "0".repeat(64) });
    await expect(writeManifest(lake.ports, address, 18, FACTS)).rejects.toThrow(CommitConflictError);
    await expect(writeManifest(lake.ports, address, 18, FACTS)).rejects.toThrow(/part 17 .* does not follow/);
    expect(await lake.keys("manifests/")).toEqual([]);
  });

  test("when the first part names a part before it", async () => {
    await using lake = await startLake();
    await completeLog(lake, 1);
    const key = partKey(address, 1);
    await lake.overwrite(key, await lake.read(key), { ...(await lake.metadata(key)), previous: "0".repeat(64) });
    await expect(writeManifest(lake.ports, address, 1, FACTS)).rejects.toThrow(CommitConflictError);
  });
});

test.each(["{", "null", "{}", '{"version":1}'])("a corrupt manifest is a CheckpointError: %s", async (content) => {
  await using lake = await startLake();
  await lake.overwrite(KEY, content);
  await expect(readManifest(lake.ports, address)).rejects.toThrow(CheckpointError);
  await expect(readManifest(lake.ports, address)).rejects.toThrow(/manifests\/shop\/orders\/.* is corrupt/);
});
