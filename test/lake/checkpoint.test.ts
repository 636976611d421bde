import { describe, expect, test } from "vitest";
import { CheckpointError, CommitConflictError } from "../../lib/errors/index.ts";
import { openCommitLog } from "../../lib/lake/commit-log.ts";
import { checkpointKey, partKey } from "../../lib/lake/keys.ts";
import { address, type Lake, partOf, position, startLake } from "./lake.fixture.ts";

const KEY = checkpointKey(address);
const open = (lake: Lake) => openCommitLog(lake.ports, address, position(), "writer");
const warnings = (lake: Lake) => lake.logged.filter(({ level }) => level === "warn").map(({ message }) => message);

/** A log of three parts, whose checkpoint is saved after the given number of parts. */
const logOfThree = async (lake: Lake, savedAfter: number) => {
  const log = await open(lake);
  for (const n of [1, 2, 3]) {
    await log.commit(await partOf(n));
    if (n === savedAfter) {
      Object.assign(log.activity, { requests: 10, attempts: 2 });
      await log.saveCheckpoint();
    }
  }
  return log.end;
};

describe("a log opens at its end", () => {
  test("from its checkpoint, without reading the parts before it", async () => {
    await using lake = await startLake();
    const end = await logOfThree(lake, 3);
    lake.requests.length = 0;
    const log = await open(lake);
    expect(log.end).toEqual(end);
    expect(log.activity).toMatchObject({ requests: 10, attempts: 2 });
    expect(lake.requests.map(({ key }) => key)).toEqual([KEY, partKey(address, 3), partKey(address, 4)]);
    expect(warnings(lake)).toEqual([]);
  });

  test("when parts follow its checkpoint: it rolls forward, and those commits reset the retries", async () => {
    await using lake = await startLake();
    const end = await logOfThree(lake, 1);
    const log = await open(lake);
    expect(log.end).toEqual(end);
    expect(log.activity).toMatchObject({ requests: 10, attempts: 0 });
    expect(warnings(lake)).toEqual([]);
  });

  test("when its checkpoint is lost, with a warning", async () => {
    await using lake = await startLake();
    const end = await logOfThree(lake, 3);
    await lake.remove(KEY);
    expect((await open(lake)).end).toEqual(end);
    expect(warnings(lake)).toEqual(["checkpoint rebuilt"]);
  });

  test("when there is no part yet, without a warning", async () => {
    await using lake = await startLake();
    expect((await open(lake)).end.part).toBe(0);
    expect(warnings(lake)).toEqual([]);
  });

  test.each([
    "",
    "{",
    "null",
    "[]",
    '"text"',
    '{"version":2}',
    '{"version":1}',
    '{"version":1,"part":"3","position":{}}',
    '{"version":1,"part":3}',
    '{"version":1,"part":1.5,"position":{}}',
    '{"version":1,"part":3,"position":{}}',
    "\u0000\u0001",
  ])("when its checkpoint is corrupt: %j", async (content) => {
    await using lake = await startLake();
    const end = await logOfThree(lake, 3);
    await lake.overwrite(KEY, content === "" ? new Uint8Array([32]) : content);
    expect((await open(lake)).end).toEqual(end);
    expect(warnings(lake)).not.toEqual([]);
  });

  test("when its checkpoint names a part that does not exist, with a warning", async () => {
    await using lake = await startLake();
    await logOfThree(lake, 3);
    await lake.remove(partKey(address, 3));
    const log = await open(lake);
    expect(log.end.part).toBe(2);
    expect(log.activity.attempts).toBe(0);
    expect(warnings(lake)).toEqual(["checkpoint rebuilt"]);
    await log.commit(await partOf(3));
    expect((await open(lake)).end).toEqual(log.end);
  });

  test("when its checkpoint belongs to another log, with a warning", async () => {
    await using lake = await startLake();
    const end = await logOfThree(lake, 3);
    await lake.overwrite(KEY, JSON.stringify({ ...(await lake.json(KEY)), sha256: "f".repeat(64) }));
    expect((await open(lake)).end).toEqual(end);
    expect(warnings(lake)).toEqual(["checkpoint rebuilt"]);
  });

  test("with the position of the log, even if the checkpoint has another one", async () => {
    await using lake = await startLake();
    const end = await logOfThree(lake, 3);
    const lie = { ...(await lake.json(KEY)), position: position({ pages: 99, page: { page: 100 } }), final: true };
    await lake.overwrite(KEY, JSON.stringify(lie));
    expect((await open(lake)).end).toEqual(end);
  });
});

describe("a broken chain", () => {
  /** Overwrites the metadata of part n. */
  const tamper = async (lake: Lake, n: number, more: Record<string, string>) => {
    const key = partKey(address, n);
    await lake.overwrite(key, await lake.read(key), { ...(await lake.metadata(key)), ...more });
  };

  test.each([0, 1])("after the checkpoint (saved after %i parts) is a CommitConflictError", async (saved) => {
    await using lake = await startLake();
    await logOfThree(lake, saved);
    await tamper(lake, 2, { previous: "0".repeat(64) });
    await expect(open(lake)).rejects.toThrow(CommitConflictError);
    await expect(open(lake)).rejects.toThrow(/shop\.orders: part 2 of run .* does not follow part 1.*new_run/);
  });

  test("caused by a replaced part is detected at the part after it", async () => {
    await using lake = await startLake();
    await logOfThree(lake, 0);
    await tamper(lake, 2, { sha256: "1".repeat(64) });
    await expect(open(lake)).rejects.toThrow(/part 3 .* does not follow part 2/);
  });

  test("is detected by a writer that adopts it", async () => {
    await using lake = await startLake();
    const log = await open(lake);
    await log.commit(await partOf(1));
    const other = await open(lake);
    await other.commit(await partOf(2));
    await tamper(lake, 2, { previous: "0".repeat(64) });
    await expect(log.commit(await partOf(2, {}, "them"))).rejects.toThrow(CommitConflictError);
  });

  test.each([
    ["no position", { rows: "1", sha256: "a", previous: "" }],
    ["a position that is not JSON", { rows: "1", sha256: "a", previous: "", position: "{" }],
    ["a position that is null", { rows: "1", sha256: "a", previous: "", position: "null" }],
    ["a position of another version", { rows: "1", sha256: "a", previous: "", position: '{"version":2}' }],
    ["no hash", { rows: "1", previous: "", position: JSON.stringify(position()) }],
  ])("caused by a part with %s is a CheckpointError that names new_run", async (_, metadata) => {
    await using lake = await startLake();
    await lake.overwrite(partKey(address, 1), "x", metadata as Record<string, string>);
    await expect(open(lake)).rejects.toThrow(CheckpointError);
    await expect(open(lake)).rejects.toThrow(/shop\.orders: part 1 .*new_run/);
  });
});
