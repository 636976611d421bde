import { expect, test } from "vitest";
import { type Exchange, expectedText, reply, responseOf, startApi, withAddress } from "./conversation.fixture.ts";
import { type Config, createWorld, nextDay, type Row, type RunResult, runSource, sourceOf } from "./run.fixture.ts";

export { HERE, reply } from "./conversation.fixture.ts";

/** One run: all requests in order, their responses, and the result. */
export interface Expected {
  api: Exchange[];
  /** All rows that the run loads, in order, by resource. Left out if the run fails. */
  rows?: Record<string, Row[]>;
  /** The incremental state after the run. */
  state?: RunResult["state"];
  /** Expected errors by resource, matched against name and message. */
  fails?: Record<string, RegExp>;
  /** Warnings of the report by resource, matched in order. */
  warns?: Record<string, RegExp[]>;
  /** Seconds waited between requests. */
  waits?: number[];
  /** Input of the execution. */
  input?: object;
}

/** A config, and the expected result of its runs. */
export interface Case extends Config, Expected {
  secrets?: Record<string, string>;
  /** The runs after the first one. */
  later?: Expected[];
  /** Whether requests may arrive in any order, because some are concurrent. */
  anyOrder?: boolean;
  /** Why interrupted invocations send other requests: a new process requests its own token, for example. */
  onlyUninterrupted?: string;
}

const conversation = (api: Exchange[], anyOrder: boolean) => {
  const open = api.map((exchange) => ({ text: expectedText(exchange), response: responseOf(exchange) }));
  return (text: string) => {
    const index = anyOrder ? open.findIndex((exchange) => exchange.text === text) : 0;
    const [next] = index === -1 ? [] : open.splice(index, 1);
    // Requests that are missing or out of order are reported after the run.
    return next?.text === text ? next.response : reply(404, { error: "unexpected request" });
  };
};

const check = async (given: Case, pages?: () => number) => {
  const { client, resource_defaults, resources, settings, secrets, later = [], anyOrder = false, ...first } = given;
  let respond: (text: string) => unknown = () => reply(404);
  await using api = await startApi(({ text }) => respond(text));
  const source = sourceOf(api.url, withAddress({ client, resource_defaults, resources, settings }, api.url));
  const world = createWorld();
  for (const expected of [first, ...later]) {
    api.requests.length = 0;
    respond = conversation(expected.api, anyOrder);
    const result = await runSource(world, source, { input: expected.input, secrets, pages });
    const [actual, planned] = [api.requests, expected.api.map(expectedText)];
    // Failures are compared together with the requests, because they explain unexpected ones.
    expect({ requests: anyOrder ? actual.toSorted() : actual, failures: result.failures }).toEqual({
      requests: anyOrder ? planned.toSorted() : planned,
      failures: Object.fromEntries(
        Object.entries(expected.fails ?? {}).map(([name, error]) => [name, expect.stringMatching(error)]),
      ),
    });
    expect(result.execution.status).toBe(expected.fails === undefined ? "succeeded" : "failed");
    if (expected.rows !== undefined) expect(result.rows).toEqual(expected.rows);
    if (expected.state !== undefined) expect(result.state).toEqual(expected.state);
    if (expected.warns !== undefined) {
      const patterns = Object.entries(expected.warns).map(([name, texts]) => [
        name,
        texts.map((text) => expect.stringMatching(text)),
      ]);
      expect(result.warnings).toEqual(Object.fromEntries(patterns));
    }
    if (expected.waits !== undefined && pages === undefined) expect(result.waits).toEqual(expected.waits);
    nextDay(world);
  }
};

/**
 * Tests the requests and results of a config twice: in a single invocation, and with a new invocation for every page, which
 * must send the same requests and load the same rows.
 */
export const testConfig = (name: string, given: Case): void => {
  test(name, () => check(given));
  if (given.onlyUninterrupted === undefined)
    test(`${name} (every page in a new invocation)`, () => check(given, () => 1));
};
