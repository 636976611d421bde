import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { StorageError } from "../../lib/errors/index.ts";
import { Adopted, type CommitLog, openCommitLog } from "../../lib/lake/commit-log.ts";
import { partKey } from "../../lib/lake/keys.ts";
import { address, type Lake, partOf, position, RUN_ID, startLake } from "./lake.fixture.ts";

const FOLDER = `data/shop/orders/json/dt=2026-11-20/${RUN_ID}/`;
const open = (lake: Lake, writer: string) => openCommitLog(lake.ports, address, position(), writer);
const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const isPartPut = ({ operation, key }: { operation: string; key: string }) =>
  operation === "PutObject" && key.startsWith("data/");
const rowsIn = async (lake: Lake) => {
  const rows: { id: number; by: string }[] = [];
  for (const key of await lake.keys("data/")) rows.push(JSON.parse(gunzipSync(await lake.read(key)).toString()));
  return rows;
};
const warnings = (lake: Lake) => lake.logged.filter(({ level }) => level === "warn").map(({ message }) => message);

describe("a commit", () => {
  test("is one PUT of the part, with the position and the chain in its metadata", async () => {
    await using lake = await startLake();
    const log = await open(lake, "writer-1");
    await log.commit(await partOf(1));
    await log.commit(await partOf(2, { schema_version: 7, final: true }));
    expect(await lake.keys()).toEqual([`${FOLDER}orders-000001.json.gz`, `${FOLDER}orders-000002.json.gz`]);
    const [first, second] = await Promise.all([1, 2].map((n) => lake.metadata(partKey(address, n))));
    expect(first).toEqual({
      rows: "1",
      sha256: hash(await lake.read(partKey(address, 1))),
      previous: "",
      "schema-version": "1",
      writer: "writer-1",
      final: "false",
      position: JSON.stringify(position({ pages: 1, rows: 1, page: { page: 2 } })),
    });
    expect(second).toMatchObject({ previous: first!.sha256, "schema-version": "7", final: "true" });
    expect(lake.requests.filter(isPartPut).every(({ headers }) => headers["if-none-match"] === "*")).toBe(true);
  });

  test("moves the end of the log, which a later writer finds", async () => {
    await using lake = await startLake();
    const log = await open(lake, "a");
    expect(log.end).toEqual({ part: 0, sha256: "", position: position(), final: false });
    for (const n of [1, 2, 3]) await log.commit(await partOf(n));
    expect(log.end).toMatchObject({ part: 3, position: { pages: 3, rows: 3 }, final: false });
    expect((await open(lake, "b")).end).toEqual(log.end);
  });

  test("resets the retries", async () => {
    await using lake = await startLake();
    const log = await open(lake, "a");
    log.activity.attempts = 3;
    await log.commit(await partOf(1));
    expect(log.activity.attempts).toBe(0);
  });

  test("that S3 rejects is a StorageError, and does not move the end of the log", async () => {
    await using lake = await startLake();
    const log = await open(lake, "a");
    await log.commit(await partOf(1));
    lake.failOnce(isPartPut, { status: 403, code: "AccessDenied" });
    await expect(log.commit(await partOf(2))).rejects.toThrow(StorageError);
    expect(log.end.part).toBe(1);
    await log.commit(await partOf(2));
    expect(log.end.part).toBe(2);
  });

  test("of a resource that is not selected writes nothing under data/", async () => {
    await using lake = await startLake();
    const log = await openCommitLog(lake.ports, { ...address, selected: false }, position(), "a");
    await log.commit(await partOf(1));
    expect(await lake.keys()).toEqual([`state/shop/${RUN_ID}/log/orders-000001.json.gz`]);
  });
});

describe("a commit whose response was lost", () => {
  test("is recognized by its writer: one part, no adoption, and the log continues", async () => {
    await using lake = await startLake();
    const log = await open(lake, "a");
    for (const n of [1, 2]) {
      lake.failOnce(isPartPut, "lost");
      await log.commit(await partOf(n));
      expect(log.end.part).toBe(n);
    }
    await log.commit(await partOf(3, { final: true }));
    expect((await rowsIn(lake)).map(({ id }) => id)).toEqual([1, 2, 3]);
    expect(warnings(lake)).toEqual([]);
    expect((await open(lake, "b")).end).toEqual(log.end);
  });

  test("is sent again if it never arrived", async () => {
    await using lake = await startLake();
    const log = await open(lake, "a");
    lake.failOnce(isPartPut, "reset");
    await log.commit(await partOf(1));
    expect(await rowsIn(lake)).toEqual([{ id: 1, by: "us" }]);
  });

  test("is recognized when its position is in a separate object", async () => {
    await using lake = await startLake();
    const log = await open(lake, "a");
    lake.failOnce(isPartPut, "lost");
    const cursors = { "": { value: "x".repeat(3000), hashes: [] } };
    await log.commit(await partOf(1, { position: position({ pages: 1, cursors }) }));
    expect(log.end.position.cursors).toEqual(cursors);
    expect(warnings(lake)).toEqual([]);
  });
});

describe("another writer's part", () => {
  const conflict = async (lake: Lake, log: CommitLog, n: number, by = "us") => {
    const error = await log.commit(await partOf(n, {}, by)).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(Adopted);
    expect(warnings(lake)).toContain("adopted");
  };

  test("is adopted: this writer's part is not written, and the log continues after the other part", async () => {
    await using lake = await startLake();
    const [ours, theirs] = [await open(lake, "ours"), await open(lake, "theirs")];
    await theirs.commit(await partOf(1, { position: position({ pages: 5, rows: 1 }) }, "them"));
    await conflict(lake, ours, 1);
    expect(ours.end).toEqual(theirs.end);
    expect(ours.end.position.pages).toBe(5);
    await ours.commit(await partOf(2));
    expect(await rowsIn(lake)).toEqual([
      { id: 1, by: "them" },
      { id: 2, by: "us" },
    ]);
    expect((await open(lake, "later")).end.part).toBe(2);
  });

  test("is adopted with all parts after it", async () => {
    await using lake = await startLake();
    const [ours, theirs] = [await open(lake, "ours"), await open(lake, "theirs")];
    for (const n of [1, 2, 3]) await theirs.commit(await partOf(n, { final: n === 3 }, "them"));
    await conflict(lake, ours, 1);
    expect(ours.end).toMatchObject({ part: 3, final: true });
  });

  test("is adopted even if its bytes are the same, because its position may differ", async () => {
    await using lake = await startLake();
    const [ours, theirs] = [await open(lake, "ours"), await open(lake, "theirs")];
    await theirs.commit(await partOf(1));
    await conflict(lake, ours, 1);
  });

  test("is adopted if it has the same writer id but other bytes", async () => {
    await using lake = await startLake();
    const [one, other] = [await open(lake, "same"), await open(lake, "same")];
    await one.commit(await partOf(1, {}, "them"));
    await conflict(lake, other, 1);
    expect(await rowsIn(lake)).toEqual([{ id: 1, by: "them" }]);
  });

  test("is adopted by the writer that comes second, in both directions", async () => {
    await using lake = await startLake();
    const [ours, theirs] = [await open(lake, "ours"), await open(lake, "theirs")];
    await ours.commit(await partOf(1));
    await conflict(lake, theirs, 1, "them");
    lake.failOnce(isPartPut, "reset");
    await theirs.commit(await partOf(2, {}, "them"));
    await conflict(lake, ours, 2);
    expect((await rowsIn(lake)).map(({ by }) => by)).toEqual(["us", "them"]);
  });

  test("is adopted in a race of 8 writers: one chain, one owner per part, no duplicate row", async () => {
    await using lake = await startLake();
    const owners: string[] = [];
    const work = async (writer: string) => {
      const log = await open(lake, writer);
      while (log.end.part < 6) {
        const part = await partOf(log.end.part + 1, {}, writer);
        await log.commit(part).then(
          () => owners.push(writer),
          (error) => expect(error).toBeInstanceOf(Adopted),
        );
      }
      return log.end;
    };
    const ends = await Promise.all(Array.from({ length: 8 }, (_, n) => work(`writer ${n}`)));
    const rows = await rowsIn(lake);
    expect(rows.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(rows.map(({ by }) => by).sort()).toEqual(owners.sort());
    for (const end of ends) expect(end).toEqual((await open(lake, "reader")).end);
  });
});

describe("a 409 (another write of the same key is in progress)", () => {
  test("is retried, and the part is committed", async () => {
    await using lake = await startLake();
    const log = await open(lake, "a");
    let conflicts = 3;
    lake.fail((request) =>
      isPartPut(request) && conflicts-- > 0 ? { status: 409, code: "ConditionalRequestConflict" } : undefined,
    );
    await log.commit(await partOf(1));
    expect(log.end.part).toBe(1);
    expect(lake.clock.slept).toEqual([50, 100, 200]);
    expect(warnings(lake)).toEqual([]);
  });

  test("on every attempt ends in adoption: what is in memory is discarded", async () => {
    await using lake = await startLake();
    const log = await open(lake, "a");
    await log.commit(await partOf(1));
    lake.fail((request) => (isPartPut(request) ? { status: 409, code: "ConditionalRequestConflict" } : undefined));
    await expect(log.commit(await partOf(2))).rejects.toBeInstanceOf(Adopted);
    expect(log.end.part).toBe(1);
    expect(lake.clock.slept.length).toBeLessThan(10);
  });
});

test("a log ends at its final part, even if a part after it exists", async () => {
  await using lake = await startLake();
  const log = await open(lake, "a");
  await log.commit(await partOf(1, { final: true }));
  await lake.overwrite(partKey(address, 2), "stray", { previous: "nonsense" });
  expect((await open(lake, "b")).end).toMatchObject({ part: 1, final: true });
});
