import process from "node:process";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { handler } from "../../lib/aws/handler.ts";
import { logger, redactor } from "../../lib/aws/observability.ts";
import { HttpError } from "../../lib/errors/index.ts";

const KEY = "sk-live-0123456789";
const CONTEXT = { awsRequestId: "1", functionName: "f", getRemainingTimeInMillis: () => 1000 };

let written = "";
beforeEach(() => {
  written = "";
  redactor.add(KEY);
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk) => {
      written += String(chunk);
      return true;
    });
  }
});
afterEach(() => vi.restoreAllMocks());

const failing = handler(async () => {
  throw new HttpError(`the API returned 500: ${KEY}`, { cause: new Error(`caused by ${KEY}`) });
});

test("the error of a Lambda has its name, and its message and stack are redacted", async () => {
  const thrown = await (failing as (event: unknown, context: unknown) => Promise<unknown>)({}, CONTEXT).catch(
    (error: Error) => error,
  );
  const { name, message, stack } = thrown as Error;
  expect({ name, message }).toEqual({ name: "HttpError", message: "the API returned 500: ***" });
  expect(stack).toBe("HttpError: the API returned 500: ***");
});

test("the log of a Lambda has the error with its cause and stack, redacted", async () => {
  await (failing as (event: unknown, context: unknown) => Promise<unknown>)({}, CONTEXT).catch(() => {});
  expect(written).toContain("caused by ***");
  expect(written).toContain("handler-redaction.test.ts");
  expect(written).not.toContain(KEY);
});

test("every field of a log line is redacted, at any depth and in any case", () => {
  logger.warn(`a ${KEY}`, { url: { query: [`?k=${encodeURIComponent(KEY)}`] }, host: `${KEY.toUpperCase()}.test` });
  expect(written).toContain("a ***");
  expect(written.toLowerCase()).not.toContain(KEY);
});

test("a name of a field is redacted", () => {
  logger.warn("columns", { [KEY]: 1, more: [{ [`x-${KEY}`]: 2 }] });
  expect(written).not.toContain(KEY);
});
