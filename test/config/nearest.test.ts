import { describe, expect, test } from "vitest";
import { didYouMean, nearest } from "../../lib/config/nearest.ts";

const KEYS = ["path", "method", "params", "headers", "data_selector", "paginator", "base_url"];

describe("nearest", () => {
  test.each([
    ["pathh", "path"],
    ["parms", "params"],
    ["Headers", "headers"],
    ["dataSelector", "data_selector"],
    ["baseUrl", "base_url"],
    ["pagination", "paginator"],
  ])("suggests for %s the key within few edits, %s", (word, suggestion) => {
    expect(nearest(word, KEYS)).toBe(suggestion);
  });

  test("suggests the only name that contains the word", () => {
    expect(nearest("oauth2", ["api_key", "oauth2_client_credentials"])).toBe("oauth2_client_credentials");
    expect(nearest("link", ["json_link", "header_link"])).toBeUndefined();
  });

  test.each(["qwertyuiop", "PUT", "id", "", "a"])("suggests nothing for %j", (word) => {
    expect(nearest(word, [...KEYS, "GET", "POST"])).toBeUndefined();
  });

  test("didYouMean returns the suggestion as a question, or a full stop", () => {
    expect(didYouMean("parms", KEYS)).toBe(': did you mean "params"?');
    expect(didYouMean("zzzzzzzz", KEYS)).toBe(".");
  });
});
