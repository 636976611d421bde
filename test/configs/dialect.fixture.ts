import { expect, test } from "vitest";
import { answerOf, type Exchange, expectedText, placed, reply, startApi } from "./conversation.fixture.ts";
import { type Config, createWorld, nextNight, type Ran, type Row, runSource, sourceOf } from "./run.fixture.ts";

export { HERE, reply } from "./conversation.fixture.ts";

/** One run: what the API is asked, in this order and nothing else, what it answers, and what comes of it. */
export interface Expected {
  api: Exchange[];
  /** By resource, in this order; all that the run loads. Left out where it fails. */
  rows?: Record<string, Row[]>;
  /** The incremental state behind the run. */
  state?: Ran["state"];
  /** What fails, by resource: the error's name and message. */
  fails?: Record<string, RegExp>;
  /** Seconds waited between requests. */
  waits?: number[];
  /** The start's event. */
  input?: object;
}

/** A config, and what a run of it comes to. */
export interface Case extends Config, Expected {
  secrets?: Record<string, string>;
  /** The nights after the first one. */
  later?: Expected[];
  /** Requests that go side by side come in any order. */
  anyOrder?: boolean;
  /** Why invocations that are cut ask otherwise: a new process has to ask for a token of its own, for one. */
  uncut?: string;
}

const conversation = (api: Exchange[], anyOrder: boolean) => {
  const open = api.map((exchange) => ({ text: expectedText(exchange), answer: answerOf(exchange) }));
  return (text: string) => {
    const index = anyOrder ? open.findIndex((exchange) => exchange.text === text) : 0;
    const [next] = index === -1 ? [] : open.splice(index, 1);
    // What comes next is compared when the run is over.
    return next?.text === text ? next.answer : reply(404, { error: "nobody expected this request" });
  };
};

const check = async (given: Case, pages?: () => number) => {
  const { client, resource_defaults, resources, settings, secrets, later = [], anyOrder = false, ...first } = given;
  let answering: (text: string) => unknown = () => reply(404);
  await using api = await startApi(({ text }) => answering(text));
  const source = sourceOf(api.url, placed({ client, resource_defaults, resources, settings }, api.url));
  const world = createWorld();
  for (const expected of [first, ...later]) {
    api.asked.length = 0;
    answering = conversation(expected.api, anyOrder);
    const ran = await runSource(world, source, { input: expected.input, secrets, pages });
    const [asked, wanted] = [api.asked, expected.api.map(expectedText)];
    // Failures stand beside the requests: they say why these are not what was expected.
    expect({ asked: anyOrder ? asked.toSorted() : asked, failures: ran.failures }).toEqual({
      asked: anyOrder ? wanted.toSorted() : wanted,
      failures: Object.fromEntries(
        Object.entries(expected.fails ?? {}).map(([name, error]) => [name, expect.stringMatching(error)]),
      ),
    });
    expect(ran.execution.status).toBe(expected.fails === undefined ? "succeeded" : "failed");
    if (expected.rows !== undefined) expect(ran.rows).toEqual(expected.rows);
    if (expected.state !== undefined) expect(ran.state).toEqual(expected.state);
    if (expected.waits !== undefined && pages === undefined) expect(ran.waits).toEqual(expected.waits);
    nextNight(world);
  }
};

/**
 * A valid config and what it means. It is run twice: in one go, and with a new invocation for every page, which must ask
 * and load just the same.
 */
export const means = (name: string, given: Case): void => {
  test(name, () => check(given));
  if (given.uncut === undefined) test(`${name} (every page in a new invocation)`, () => check(given, () => 1));
};
