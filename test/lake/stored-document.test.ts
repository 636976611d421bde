import { expect, test } from "vitest";
import { CheckpointError } from "../../lib/errors/index.ts";
import { count } from "../../lib/json/shape.ts";
import { readDocument, storedDocument } from "../../lib/lake/stored-document.ts";
import { startLake } from "./lake.fixture.ts";

const counter = storedDocument({
  key: "state/shop/counter.json",
  shape: count,
  contradiction: (value: number) => (value === 13 ? "13 is unlucky" : null),
  error: CheckpointError,
  remedy: "delete it",
  place: { source: "shop" },
});

test("a document is read from the bucket, and is null when it does not exist", async () => {
  await using lake = await startLake();
  expect(await readDocument(lake.ports, counter)).toBeNull();
  await lake.overwrite(counter.key, "7");
  expect(await readDocument(lake.ports, counter)).toBe(7);
});

test.each([
  ["{", "invalid JSON"],
  ['"7"', "expected integer, got string"],
  ["13", "13 is unlucky"],
])("corrupt content %s is the document's named error, with key, finding and remedy", async (content, found) => {
  await using lake = await startLake();
  await lake.overwrite(counter.key, content);
  const error = await readDocument(lake.ports, counter).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CheckpointError);
  expect(String(error)).toBe(`CheckpointError: shop: state/shop/counter.json is corrupt (${found}): delete it`);
});
