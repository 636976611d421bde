import type { ResponseChange, ResponseFunction } from "../config/callbacks.ts";
import { wrongResult } from "../config/guard-callback.ts";
import type { ResponseAction } from "../config/resolved.ts";
import { isJsonObject } from "../json/index.ts";
import { callOwnFunction, type OwnFunctionContext } from "./callback.ts";
import type { Answer } from "./exchange.ts";

const WHAT = "a function of response_actions";

type Change = Extract<ResponseChange, object>;

const isStatus = (status: unknown): boolean =>
  status === undefined || (Number.isInteger(status) && (status as number) >= 100 && (status as number) <= 599);

const isChange = (value: unknown): value is Change =>
  isJsonObject(value) &&
  Object.keys(value).every((key) => key === "status" || key === "text") &&
  isStatus(value.status) &&
  (value.text === undefined || typeof value.text === "string");

/** What a function made of an answer: it may be anything. */
const call = async (
  action: ResponseFunction,
  answer: Answer,
  text: string,
  context: OwnFunctionContext,
): Promise<Change | "ignore" | "retry"> => {
  const { status, headers } = answer;
  const change: unknown = await callOwnFunction(WHAT, () => action({ status, headers, text }), context);
  if (change == null) return {};
  if (change === "ignore" || change === "retry" || isChange(change)) return change;
  throw wrongResult(WHAT, change, 'nothing, "ignore", "retry" or { status, text } with a status from 100 to 599');
};

/**
 * Applies the actions that match an answer, in the order of the config: every one of them, as in dlt, each to what the one
 * before has made of it. The first that says so ends it.
 *
 * @returns the answer, changed or not, and what is to become of it; null: what its status says.
 * @throws ConfigError when a function throws, or returns what means nothing; FunctionTimeout.
 */
export const actOn = async (
  actions: ResponseAction[],
  given: Answer,
  context: OwnFunctionContext,
): Promise<{ answer: Answer; verdict: "ignore" | "retry" | null }> => {
  let answer = given;
  /** Decoded when somebody looks at it: a body may be large. Without a byte order mark, which JSON.parse refuses. */
  let decoded: string | null = null;
  const text = () => {
    decoded ??= new TextDecoder().decode(answer.bytes);
    return decoded;
  };
  for (const { status_code, content, actions: steps } of actions) {
    if (status_code !== null && status_code !== answer.status) continue;
    if (content !== null && !text().includes(content)) continue;
    for (const step of steps) {
      const change = typeof step === "function" ? await call(step, answer, text(), context) : step;
      if (change === "ignore" || change === "retry") return { answer, verdict: change };
      const { status = answer.status } = change;
      answer = { ...answer, status };
      if (change.text === undefined) continue;
      answer.bytes = Buffer.from(change.text);
      decoded = change.text;
    }
  }
  return { answer, verdict: null };
};
