import { describe, expect, test } from "vitest";
import { didYouMean, nearest } from "../../lib/config/nearest.ts";

const KEYS = ["path", "method", "params", "headers", "data_selector", "paginator", "base_url"];

describe("what somebody meant", () => {
  test.each([
    ["pathh", "path"],
    ["parms", "params"],
    ["Headers", "headers"],
    ["dataSelector", "data_selector"],
    ["baseUrl", "base_url"],
    ["pagination", "paginator"],
  ])("%s: a slip of the pen", (word, meant) => {
    expect(nearest(word, KEYS)).toBe(meant);
  });

  test("a name that is cut off, when there is one such name only", () => {
    expect(nearest("oauth2", ["api_key", "oauth2_client_credentials"])).toBe("oauth2_client_credentials");
    expect(nearest("link", ["json_link", "header_link"])).toBeUndefined();
  });

  test.each(["qwertyuiop", "PUT", "id", "", "a"])("%j: nothing near", (word) => {
    expect(nearest(word, [...KEYS, "GET", "POST"])).toBeUndefined();
  });

  test("in words", () => {
    expect(didYouMean("parms", KEYS)).toBe(', did you mean "params"?');
    expect(didYouMean("zzzzzzzz", KEYS)).toBe(".");
  });
});
