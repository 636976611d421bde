import { describe, expect, test } from "vitest";
import type { ListedBucket } from "../../cli/check/lake/open-bucket.ts";
import { type Verified, verifyLake } from "../../cli/check/lake/verify-lake.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { incrementalStateKey, partKey, schemaKey } from "../../lib/lake/keys.ts";
import { writeManifest } from "../../lib/lake/manifest.ts";
import { packParentRows } from "../../lib/lake/parent-rows.ts";
import { createRowHashes } from "../../lib/lake/row-hashes.ts";
import { createSchemaStore } from "../../lib/lake/schemas.ts";
import { address, type Lake, NO_MERGE_RULES, partOf, position, RUN_ID, startLake } from "../lake/lake.fixture.ts";

const PARTS = 3;
const [FIRST, SECOND, THIRD] = [1, 2, 3].map((part) => partKey(address, part)) as [string, string, string];

/** Writes a complete log of three parts, with its manifest, parent rows and schema. */
const loadThreeParts = async (lake: Lake): Promise<void> => {
  const config = { columns: {}, primary_key: [], selected: true, file_format: "jsonl" as const };
  const contract = { tables: "evolve", columns: "evolve", data_type: "evolve" } as const;
  await createSchemaStore(lake.ports, address, { ...config, schema_contract: contract }).load();
  const log = await openCommitLog(lake.ports, address, position(), "a");
  for (let n = 1; n <= PARTS; n++) {
    await log.commit(
      await partOf(n, { final: n === PARTS, parent_rows: n === 2 ? await packParentRows([{ id: 2 }]) : null }),
    );
  }
  const rules = { write_disposition: "append", primary_key: [], ...NO_MERGE_RULES };
  await writeManifest(lake.ports, address, PARTS, {
    full_refresh: true,
    removes_missing_rows: false,
    table_resources: ["orders"],
    warnings: [],
    ...rules,
  });
};

const verify = async (lake: Lake): Promise<{ lines: string[]; verified: Verified }> => {
  const listed: ListedBucket = {
    place: "s3://lake",
    bucket: lake.bucket,
    async *list(prefix) {
      yield* await lake.keys(prefix);
    },
    async [Symbol.asyncDispose]() {},
  };
  const verified: Verified = { manifests: 0, parts: 0, rows: 0, damaged: 0 };
  const lines: string[] = [];
  for await (const line of verifyLake(listed, null, verified)) lines.push(line.replace(/: restore an older .*$/, ""));
  return { lines, verified };
};

/** Changes the metadata of a part, and leaves its content. */
const changeMetadata = async (lake: Lake, key: string, changes: Record<string, string>) =>
  lake.overwrite(key, await lake.read(key), { ...(await lake.metadata(key)), ...changes });

describe("the commit log of a lake", () => {
  test("is whole after a run", async () => {
    await using lake = await startLake();
    await loadThreeParts(lake);
    expect(await verify(lake)).toEqual({ lines: [], verified: { manifests: 1, parts: 3, rows: 3, damaged: 0 } });
  });

  test.each<[string, string, Record<string, string>, string]>([
    [
      "does not follow the part before it",
      SECOND,
      { previous: "0".repeat(64) },
      "it does not follow the part before it in the commit log",
    ],
    [
      "begins with another part",
      FIRST,
      { previous: "0".repeat(64) },
      "it does not follow the part before it in the commit log",
    ],
    ["ends too early", SECOND, { final: "true" }, "the commit log ends with it"],
    ["does not end", THIRD, { final: "false" }, "the commit log continues after it"],
    ["has another row count", FIRST, { rows: "2" }, "rows is 2 in its metadata, and the manifest lists 1"],
    [
      "has another hash",
      FIRST,
      { sha256: "0".repeat(64) },
      `sha256 is ${"0".repeat(64)} in its metadata, and the manifest lists `,
    ],
    [
      "has other parent rows",
      SECOND,
      { "parents-sha256": "0".repeat(64) },
      `parent_rows is state/shop/${RUN_ID}/parents/0000`,
    ],
    [
      "has an invalid position",
      SECOND,
      { position: '{"version":1}' },
      "position.config_hash: expected string, got nothing",
    ],
    ["has no position", SECOND, { position: "" }, "position: "],
  ])("is damaged where it %s, and the rows are whole", async (_what, key, changes, problem) => {
    await using lake = await startLake();
    await loadThreeParts(lake);
    await changeMetadata(lake, key, changes);
    const { lines, verified } = await verify(lake);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`${key}: ${problem}`);
    expect(lines[0]).toMatch(/ \(its rows are whole\)$/);
    expect(verified.damaged).toBe(1);
  });

  test("is damaged where two parts are exchanged", async () => {
    await using lake = await startLake();
    await loadThreeParts(lake);
    const [first, second] = [await lake.read(FIRST), await lake.read(SECOND)];
    await lake.overwrite(FIRST, second, await lake.metadata(SECOND));
    await lake.overwrite(SECOND, first, await lake.metadata(FIRST));
    const { lines } = await verify(lake);
    expect(lines.map((line) => line.split(":")[0])).toEqual([FIRST, SECOND]);
  });
});

describe("the objects that documents name", () => {
  test("are damaged when the parent rows are missing or of another part", async () => {
    await using lake = await startLake();
    await loadThreeParts(lake);
    const [key] = await lake.keys(`state/shop/${RUN_ID}/parents/`);
    await lake.overwrite(key!, await packParentRows([{ id: 3 }]));
    expect((await verify(lake)).lines).toEqual([`${key}: its content is not the one that its name is the sha256 of`]);
    await lake.remove(key!);
    expect((await verify(lake)).lines).toEqual([`${key}: missing`]);
  });

  test("are damaged when the schema is older than a part", async () => {
    await using lake = await startLake();
    await loadThreeParts(lake);
    const key = schemaKey("shop", "orders");
    await lake.overwrite(key, JSON.stringify({ ...(await lake.json(key)), version: 0 }));
    expect((await verify(lake)).lines).toEqual([`${key}: its version is 0, and a part has 1`]);
  });

  test("are damaged when a list of row hashes is missing or changed", async () => {
    await using lake = await startLake();
    const hashes = Array.from({ length: 1001 }, (_, index) => index.toString(16).padStart(16, "0"));
    const cursor = await createRowHashes(lake.ports, "shop").fit({ value: "2026-01-01", hashes });
    const state = { version: 1, run_id: RUN_ID, cursors: { "": cursor } };
    await lake.overwrite(incrementalStateKey("shop", "orders"), JSON.stringify(state));
    expect((await verify(lake)).lines).toEqual([]);
    const [key] = await lake.keys("state/shop/hashes/");
    await lake.overwrite(key!, "x");
    expect((await verify(lake)).lines).toEqual([`${key}: its sha256 is not its name`]);
    await lake.remove(key!);
    expect((await verify(lake)).lines).toEqual([`${key}: missing`]);
  });
});
