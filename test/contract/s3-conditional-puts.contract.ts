import { describe, expect, test } from "vitest";
import { failure, type Operations } from "./s3.operations.ts";

/** Conditional PUTs, which the commit log, the lease and the schemas rely on. */
export function conditionalPuts({ newKey, put, head, get, textOf }: Operations): void {
  describe("a conditional PUT", () => {
    test("with If-None-Match: * creates an object", async () => {
      const key = newKey();
      await put(key, "x", { IfNoneMatch: "*", Metadata: { writer: "1" } });
      expect((await get(key)).Metadata).toEqual({ writer: "1" });
    });

    test("with If-None-Match: * on an existing key is 412, and does not change body and metadata", async () => {
      const key = newKey();
      await put(key, "first", { Metadata: { writer: "1" } });
      const second = put(key, "second", { IfNoneMatch: "*", Metadata: { writer: "2" } });
      await expect(second).rejects.toMatchObject(failure("PreconditionFailed", 412));
      const { bytes, Metadata } = await get(key);
      expect(bytes.toString()).toBe("first");
      expect(Metadata).toEqual({ writer: "1" });
    });

    test("with If-None-Match: * succeeds for one of 8 concurrent writers, whose content and metadata are stored", async () => {
      for (let round = 0; round < 5; round++) {
        const key = newKey();
        const winners = await race((writer) =>
          put(key, `body of ${writer}`, { IfNoneMatch: "*", Metadata: { writer: String(writer) } }),
        );
        expect(winners).toHaveLength(1);
        const { bytes, Metadata } = await get(key);
        expect(bytes.toString()).toBe(`body of ${winners[0]}`);
        expect(Metadata).toEqual({ writer: String(winners[0]) });
      }
    });

    test("with If-Match and the current ETag replaces the object", async () => {
      const key = newKey();
      const { ETag } = await put(key, "one");
      const next = await put(key, "two", { IfMatch: ETag });
      expect(next.ETag).not.toBe(ETag);
      expect(await textOf(key)).toBe("two");
    });

    test("with If-Match and another ETag is 412, and does not change the object", async () => {
      const key = newKey();
      const { ETag } = await put(key, "one");
      await put(key, "two");
      await expect(put(key, "three", { IfMatch: ETag })).rejects.toMatchObject(failure("PreconditionFailed", 412));
      expect(await textOf(key)).toBe("two");
    });

    test("with If-Match on an absent key is 404", async () => {
      const key = newKey();
      const swap = put(key, "x", { IfMatch: '"d41d8cd98f00b204e9800998ecf8427e"' });
      await expect(swap).rejects.toMatchObject(failure("NoSuchKey", 404));
      await expect(head(key)).rejects.toMatchObject(failure("NotFound", 404));
    });

    test("with If-Match succeeds for one of 8 concurrent writers with the same ETag", async () => {
      const key = newKey();
      let { ETag } = await put(key, "start");
      for (let round = 0; round < 5; round++) {
        const winners = await race((writer) => put(key, `round ${round}, ${writer}`, { IfMatch: ETag }));
        expect(winners).toHaveLength(1);
        const current = await get(key);
        expect(current.bytes.toString()).toBe(`round ${round}, ${winners[0]}`);
        ETag = current.ETag;
      }
    });

    test("with If-Match loses no increment of 8 concurrent writers", async () => {
      const key = newKey();
      await put(key, "0");
      const increment = async (): Promise<void> => {
        for (;;) {
          const { bytes, ETag } = await get(key);
          try {
            await put(key, String(Number(bytes.toString()) + 1), { IfMatch: ETag });
            return;
          } catch (error) {
            if (!lostRace(error)) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 8 }, increment));
      expect(await textOf(key)).toBe("8");
    });
  });
}

/** Runs 8 concurrent writers, and returns the numbers of those that succeeded. Throws errors other than a lost race. */
async function race(write: (writer: number) => Promise<unknown>): Promise<number[]> {
  const results = await Promise.allSettled(Array.from({ length: 8 }, (_, writer) => write(writer)));
  const losses = results.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
  for (const reason of losses) if (!lostRace(reason)) throw reason;
  return results.flatMap(({ status }, writer) => (status === "fulfilled" ? [writer] : []));
}

/** AWS returns 412, or 409 when two writers write at the same time. */
function lostRace(error: unknown): boolean {
  return (
    error instanceof Error &&
    ["PreconditionFailed", "ConditionalRequestConflict", "OperationAborted"].includes(error.name)
  );
}
