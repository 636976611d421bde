import { describe, expect, test } from "vitest";
import { ConfigError } from "../../lib/errors/index.ts";
import { createRunId } from "../../lib/run/run-id.ts";
import { parseStartOptions, type StartOptions } from "../../lib/run/start-options.ts";

const parse = (event: unknown) => {
  const warned: unknown[] = [];
  const wish = parseStartOptions(event, {
    warn: (_message, fields) => warned.push(...((fields?.keys as unknown[]) ?? [])),
  });
  return { wish, warned };
};
const NOTHING: StartOptions = { refresh: null, window: null, resources: null, new_run: false };

describe("an event that wishes for nothing", () => {
  test.each([
    [{}],
    [null],
    [undefined],
    ["text"],
    [[]],
    [7],
    [{ refresh: null, window: null, resources: null, new_run: false }],
    [{ refresh: null, window: null, resources: null, new_run: null }],
  ])("%j", (event) => {
    expect(parse(event)).toEqual({ wish: NOTHING, warned: [] });
  });
});

describe("an event that wishes", () => {
  test.each<[object, Partial<StartOptions>]>([
    [{ refresh: "full" }, { refresh: "full" }],
    [{ new_run: true }, { new_run: true }],
    [{ resources: ["orders", "items"] }, { resources: ["orders", "items"] }],
    [{ resources: [] }, { resources: null }],
    [{ window: { start: "2024-01-01", end: "2024-02-01" } }, { window: { start: "2024-01-01", end: "2024-02-01" } }],
    [{ window: { start: 5, end: 10 } }, { window: { start: 5, end: 10 } }],
    [{ window: { start: 0, end: 1, note: "x" } }, { window: { start: 0, end: 1 } }],
    [
      { refresh: "full", resources: ["orders"], new_run: true },
      { refresh: "full", resources: ["orders"], new_run: true },
    ],
  ])("%j", (event, wish) => {
    expect(parse(event).wish).toEqual({ ...NOTHING, ...wish });
  });
});

describe("an event that is wrong is a ConfigError that names the key", () => {
  test.each<[object, RegExp]>([
    [{ refresh: true }, /event\.refresh must be "full"/],
    [{ refresh: "Full" }, /event\.refresh/],
    [{ resources: "orders" }, /event\.resources must be a list/],
    [{ resources: [1] }, /event\.resources/],
    [{ resources: [null] }, /event\.resources/],
    [{ resources: { orders: true } }, /event\.resources/],
    [{ new_run: "true" }, /event\.new_run must be true or false/],
    [{ new_run: 1 }, /event\.new_run/],
    [{ window: "2024" }, /event\.window must be/],
    [{ window: [] }, /event\.window/],
    [{ window: {} }, /event\.window/],
    [{ window: { start: 1 } }, /event\.window/],
    [{ window: { end: 1 } }, /event\.window/],
    [{ window: { start: null, end: 1 } }, /event\.window/],
    [{ window: { start: 2, end: 1 } }, /event\.window holds nothing/],
    [{ window: { start: "2024-02-01", end: "2024-02-01" } }, /event\.window holds nothing/],
    [{ window: { start: 1, end: ["x"] } }, /event\.window/],
    [{ window: { start: 1, end: 2 }, refresh: "full" }, /exclude each other/],
  ])("%j", (event, message) => {
    expect(() => parse(event)).toThrow(ConfigError);
    expect(() => parse(event)).toThrow(message);
  });
});

describe("keys that nobody knows", () => {
  test("warn by name and do not fail: the console's example", () => {
    const { wish, warned } = parse({ key1: "value1", key2: "value2", key3: "value3" });
    expect(wish).toEqual(NOTHING);
    expect(warned).toEqual(["key1", "key2", "key3"]);
  });

  test("are named up to a bound", () => {
    const event = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, index]));
    expect(parse(event).warned.length).toBeLessThanOrEqual(20);
  });

  test("do not hide the known ones", () => {
    expect(parse({ key1: "value1", refresh: "full" }).wish.refresh).toBe("full");
  });
});

describe("a run id", () => {
  test("has the second of its opening, and eight digits of chance", () => {
    expect(createRunId(Date.parse("2026-11-20T09:00:00.999Z"), () => 0)).toBe("20261120T090000Z-00000000");
    expect(createRunId(Date.parse("2026-01-02T03:04:05Z"), () => 0.999999999999)).toBe("20260102T030405Z-ffffffff");
  });

  test("sorts by time, over every border", () => {
    const times = [
      "2026-01-31T23:59:59Z",
      "2026-02-01T00:00:00Z",
      "2026-09-30T10:00:00Z",
      "2026-10-01T09:00:00Z",
      "2026-12-31T23:59:59Z",
      "2027-01-01T00:00:00Z",
    ];
    const ids = times.map((time, index) => createRunId(Date.parse(time), () => 1 - (index + 1) / 10));
    expect(ids.toSorted()).toEqual(ids);
  });
});

test("an EventBridge envelope wishes for nothing, though it has resources of its own", () => {
  const envelope = {
    source: "aws.events",
    "detail-type": "Scheduled Event",
    resources: ["arn:aws:events:x"],
    detail: {},
  };
  expect(parse(envelope).wish).toEqual(NOTHING);
});
