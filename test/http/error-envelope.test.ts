import { describe, expect, test } from "vitest";
import { reportedError } from "../../lib/http/error-envelope.ts";
import type { Json } from "../../lib/json/index.ts";

describe("the error that a response reports", () => {
  test.each<[Json, string]>([
    [{ error: "invalid_grant", error_description: "expired" }, "expired, invalid_grant"],
    [{ Errors: [{ message: "a" }, { message: "b" }] }, "a; b"],
    [{ errors: ["a", "b"] }, "a; b"],
    [{ errors: { name: ["is too long"] } }, '{"name":["is too long"]}'],
    [{ is_success: false, "error-code": 7 }, "7"],
    [{ ok: "false", msg: "no" }, "no"],
    [{ success: false }, '{"success":false}'],
    [{ error: { title: "Forbidden", detail: "no scope" } }, "no scope, Forbidden"],
    [{ status: "ERROR", message: "down" }, "down"],
  ])("has the text of the API: %j", (body, text) => {
    expect(reportedError(body, null)).toEqual({ text, isWhole: true });
  });

  test.each<[Json]>([
    [[{ error: "x" }]],
    ["error"],
    [{ error: null, errors: [] }],
    [{ error: "", errors: {} }],
    [{ error: "none" }],
    [{ error: false, errors: 3 }],
    [{ error: { code: 0, message: "ok" } }],
    [{ ok: true, success: 0 }],
    [{ status: "failed" }],
    [{ status: "ok", message: "x" }],
    [{ data: { error: "x" } }],
  ])("is null for %j", (body) => {
    expect(reportedError(body, null)).toBeNull();
  });

  test.each(["errors", "$.errors", "$['errors'][*]", "errors[?@.code > 1]"])(
    "is null where the rows are errors: %s",
    (selector) => {
      expect(reportedError({ errors: [{ code: 1 }] }, selector)).toBeNull();
    },
  );

  test.each<[Json, boolean]>([
    [{ error: "x", request_id: "r", timestamp: 1 }, true],
    [{ error: "x", data: { users: null, total: null } }, true],
    [{ jsonrpc: "2.0", id: 4, error: { code: 1 } }, true],
    [{ id: 4, error: { code: 1 } }, false],
    [{ ok: false, name: "job" }, false],
  ])("is the whole response, or a field of a row: %j", (body, isWhole) => {
    expect(reportedError(body, null)?.isWhole).toBe(isWhole);
  });
});
