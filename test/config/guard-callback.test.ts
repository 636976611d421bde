import { describe, expect, test } from "vitest";
import { guardAsyncCallback, guardCallback, wrongResult } from "../../lib/config/guard-callback.ts";
import { ConfigError, ResponseError } from "../../lib/errors/index.ts";

const throwing = (thrown: unknown) => () => {
  throw thrown;
};
const caught = async (call: () => unknown): Promise<ConfigError> => {
  try {
    await call();
  } catch (error) {
    return error as ConfigError;
  }
  throw new Error("nothing was thrown");
};

describe("a guarded callback", () => {
  test("returns the result of the callback", async () => {
    expect(guardCallback("it", () => 5)).toBe(5);
    expect(await guardAsyncCallback("it", async () => 5)).toBe(5);
    expect(await guardAsyncCallback("it", () => 5)).toBe(5);
  });

  test.each<[string, unknown, string]>([
    ["an error", new TypeError("no"), "it threw TypeError: no at row 2"],
    ["a string", "no", "it threw 'no' at row 2"],
    ["an object", { a: 1 }, "it threw { a: 1 } at row 2"],
    ["undefined", undefined, "it threw undefined at row 2"],
  ])("that throws %s fails with a ConfigError that keeps the cause", async (_, thrown, message) => {
    const input = " at row 2";
    for (const error of [
      await caught(() => guardCallback("it", throwing(thrown), { input })),
      await caught(() => guardAsyncCallback("it", throwing(thrown), { input })),
      await caught(() => guardAsyncCallback("it", () => Promise.reject(thrown), { input })),
    ]) {
      expect(error).toBeInstanceOf(ConfigError);
      expect(error.message).toBe(message);
      expect(error.cause).toBe(thrown);
    }
  });

  test("that throws an error of restlake fails with this error", async () => {
    const own = new ResponseError("mine");
    expect(await caught(() => guardCallback("it", throwing(own)))).toBe(own);
    expect(await caught(() => guardAsyncCallback("it", throwing(own)))).toBe(own);
  });

  test("with an excerpt keeps the frames of the cause, and no other text of it", async () => {
    const thrown = new TypeError("key 123 is wrong", { cause: "key 123" });
    const excerpt = (text: string) => text.replace("123", "***");
    const error = await caught(() => guardAsyncCallback("it", throwing(thrown), { excerpt }));
    expect(error.message).toBe("it threw TypeError: key *** is wrong");
    const cause = error.cause as Error;
    expect(cause).toMatchObject({ name: "TypeError", message: "TypeError: key *** is wrong" });
    expect(cause.cause).toBeUndefined();
    expect(cause.stack).toContain("guard-callback.test.ts");
    expect(cause.stack).not.toContain("123");
    const text = await caught(() => guardAsyncCallback("it", throwing("key 123"), { excerpt }));
    expect(text.message).toBe("it threw 'key ***'");
    expect(text.cause).toBeUndefined();
  });
});

test("a wrong result is an error that shows its kind and what to return instead", () => {
  expect(wrongResult("it", [1], "an object", " for 7")).toMatchObject({
    name: "ConfigError",
    message: "it returned a list for 7: return an object",
  });
});
