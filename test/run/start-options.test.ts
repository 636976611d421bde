import { describe, expect, test } from "vitest";
import { ConfigError } from "../../lib/errors/index.ts";
import { parseStartOptions, type StartOptions } from "../../lib/run/start-options.ts";

const parse = (event: unknown) => {
  const warned: unknown[] = [];
  const options = parseStartOptions(event, {
    warn: (_message, fields) => warned.push(...((fields?.keys as unknown[]) ?? [])),
  });
  return { options, warned };
};
const NO_OPTIONS: StartOptions = { refresh: null, window: null, resources: null, new_run: false };

describe("start options", () => {
  test.each([
    [{}],
    [null],
    [undefined],
    ["text"],
    [[]],
    [7],
    [{ refresh: null, window: null, resources: null, new_run: false }],
    [{ refresh: null, window: null, resources: null, new_run: null }],
  ])("are the defaults for %j", (event) => {
    expect(parse(event)).toEqual({ options: NO_OPTIONS, warned: [] });
  });

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
  ])("are read from %j", (event, options) => {
    expect(parse(event).options).toEqual({ ...NO_OPTIONS, ...options });
  });

  test.each<[object, RegExp]>([
    [{ refresh: true }, /^invalid start option refresh \(true\): set it to "full", or leave it out$/],
    [{ refresh: "Full" }, /^invalid start option refresh \("Full"\)/],
    [{ resources: "orders" }, /^invalid start option resources \("orders"\): set it to a list of resource names$/],
    [{ resources: [1] }, /^invalid start option resources \(\[1\]\)/],
    [{ resources: [null] }, /^invalid start option resources/],
    [{ resources: { orders: true } }, /^invalid start option resources/],
    [{ new_run: "true" }, /^invalid start option new_run \("true"\): set it to true or false$/],
    [{ new_run: 1 }, /^invalid start option new_run \(1\)/],
    [{ window: "2024" }, /^invalid start option window \("2024"\): set it to \{"start": \.\.\., "end": \.\.\.\}/],
    [{ window: [] }, /^invalid start option window \(\[\]\)/],
    [{ window: {} }, /^invalid start option window/],
    [{ window: { start: 1 } }, /^invalid start option window/],
    [{ window: { end: 1 } }, /^invalid start option window/],
    [{ window: { start: null, end: 1 } }, /^invalid start option window/],
    [{ window: { start: 2, end: 1 } }, /^invalid start option window \(2 to 1\): its start must come before its end$/],
    [{ window: { start: "2024-02-01", end: "2024-02-01" } }, /its start must come before its end$/],
    [{ window: { start: 1, end: ["x"] } }, /^invalid start option window/],
    [{ window: { start: 1, end: 2 }, refresh: "full" }, /^conflicting start options refresh and window/],
  ])("fail with a ConfigError that names the option for %j", (event, message) => {
    expect(() => parse(event)).toThrow(ConfigError);
    expect(() => parse(event)).toThrow(message);
  });
});

describe("unknown keys of an event", () => {
  test("are named in a warning and ignored, as in the console's example", () => {
    const { options, warned } = parse({ key1: "value1", key2: "value2", key3: "value3" });
    expect(options).toEqual(NO_OPTIONS);
    expect(warned).toEqual(["key1", "key2", "key3"]);
  });

  test("are named up to a maximum", () => {
    const event = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`k${index}`, index]));
    expect(parse(event).warned.length).toBeLessThanOrEqual(20);
  });

  test("do not hide the known ones", () => {
    expect(parse({ key1: "value1", refresh: "full" }).options.refresh).toBe("full");
  });

  test("include those of an EventBridge envelope, whose resources are not the source's", () => {
    const envelope = {
      source: "aws.events",
      "detail-type": "Scheduled Event",
      resources: ["arn:aws:events:x"],
      detail: {},
    };
    expect(parse(envelope).options).toEqual(NO_OPTIONS);
  });
});
