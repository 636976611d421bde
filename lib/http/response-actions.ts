import type { ResponseChange, ResponseFunction } from "../config/callbacks.ts";
import { wrongResult } from "../config/guard-callback.ts";
import type { ResponseAction } from "../config/resolved.ts";
import { isJsonObject } from "../json/index.ts";
import { type CallbackContext, callCallback } from "./callback.ts";
import { decodeLeniently } from "./charset.ts";
import type { RawResponse } from "./exchange.ts";

const RESPONSE_FUNCTION = "a function of response_actions";

type Change = Extract<ResponseChange, object>;
type Verdict = "ignore" | "retry" | "fail";

const isVerdict = (value: unknown): value is Verdict => value === "ignore" || value === "retry" || value === "fail";

/** A response after the actions, and what they decided; null: its status decides. */
export interface ActedResponse {
  response: RawResponse;
  verdict: Verdict | null;
}

const isStatus = (status: unknown): boolean =>
  typeof status === "number" && Number.isInteger(status) && status >= 100 && status <= 599;

const isChange = (value: unknown): value is Change =>
  isJsonObject(value) &&
  Object.keys(value).every((key) => key === "status" || key === "text") &&
  (value.status === undefined || isStatus(value.status)) &&
  (value.text === undefined || typeof value.text === "string");

/** Calls a function and checks the value that it returns. */
const callFunction = async (
  action: ResponseFunction,
  { status, headers }: RawResponse,
  text: string,
  context: CallbackContext,
): Promise<Change | Verdict> => {
  const change: unknown = await callCallback(RESPONSE_FUNCTION, () => action({ status, headers, text }), context);
  if (change == null) return {};
  if (isVerdict(change) || isChange(change)) return change;
  const expected = 'nothing, "ignore", "retry", "fail" or { status, text } with a status from 100 to 599';
  throw wrongResult(RESPONSE_FUNCTION, change, expected);
};

/** Returns the response with another body, which is JSON unless `response_format` says otherwise. */
const withText = ({ status, headers }: RawResponse, text: string): RawResponse => {
  const changed = new Headers(headers);
  changed.set("content-type", "application/json");
  return { status, headers: changed, bytes: Buffer.from(text) };
};

/**
 * Applies the actions that match a response, in the order of the config. As in dlt, all that match are applied, each to the
 * result of the one before; the first "ignore", "retry" or "fail" ends it.
 *
 * @throws ConfigError when a function throws or returns an invalid value; CallbackTimeout.
 */
export const applyResponseActions = async (
  actions: ResponseAction[],
  received: RawResponse,
  context: CallbackContext,
): Promise<ActedResponse> => {
  let response = received;
  /** Decoded on demand: a body may be large. */
  let decoded: string | null = null;
  const text = () => {
    decoded ??= decodeLeniently(response);
    return decoded;
  };
  for (const { status_code, content, actions: steps } of actions) {
    if (status_code !== null && status_code !== response.status) continue;
    if (content !== null && !text().includes(content)) continue;
    for (const step of steps) {
      const change = typeof step === "function" ? await callFunction(step, response, text(), context) : step;
      if (isVerdict(change)) return { response, verdict: change };
      response = { ...response, status: change.status ?? response.status };
      if (change.text === undefined) continue;
      response = withText(response, change.text);
      decoded = change.text;
    }
  }
  return { response, verdict: null };
};
