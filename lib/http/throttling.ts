import { decodeLeniently } from "./charset.ts";
import type { RawResponse } from "./exchange.ts";

const TOO_MANY_REQUESTS = 429;
const FORBIDDEN = 403;
/** Bytes of a body that are searched: an error is short. */
const MAX_SEARCHED = 16_384;

/** Messages that only a rate limit has. "rate limit" alone may be the name of a permission. */
const RATE_LIMIT_PATTERNS = [
  /\b(?:too|so)[\s_-]*many[\s_-]*(?:\w{1,20}[\s_-]+)?(?:requests|calls|queries)/i,
  /\brate[\s_-]*limited\b/i,
  /\bthrottl(?:ed|ing)\b/i,
  /(?:rate|requests?|calls?|quer(?:y|ies)|qps)[\s_-]*limit\w{0,3}\b.{0,60}(?:exceed|reached|hit\b)/i,
  /(?:rate|requests?|calls?|quer(?:y|ies)|qps)[\s_-]*limit[\s_-]*exceed/i,
  /(?:exceed(?:ed|ing|s)?|reached|hit|over)\b.{0,40}\b(?:rate|requests?|calls?|quer(?:y|ies)|qps)[\s_-]*(?:limit|quota)/i,
  /\bover[\s_-]*(?:qps|rate)\b/i,
  /\b(?:requests|calls|queries)[\s_-]+per[\s_-]+(?:second|minute|hour|day)[\s_-]+limit/i,
];

/** Whether a body says that the rate is limited. */
const saysRateLimit = ({ headers, bytes }: RawResponse): boolean => {
  const text = decodeLeniently({ headers, bytes: bytes.subarray(0, MAX_SEARCHED) });
  return RATE_LIMIT_PATTERNS.some((pattern) => pattern.test(text));
};

/** Whether a response limits the rate, although its status is 403: by a `Retry-After`, or by what its body says. */
export const isThrottling403 = (response: RawResponse): boolean =>
  response.status === FORBIDDEN && (response.headers.has("retry-after") || saysRateLimit(response));

/**
 * Whether a response limits the rate: a 429, or a 403 that means one.
 *
 * @param retried statuses that the config retries: one that lists 403 is for an API that throttles with it.
 */
export const isThrottling = (response: RawResponse, retried: readonly number[]): boolean =>
  response.status === TOO_MANY_REQUESTS ||
  isThrottling403(response) ||
  (response.status === FORBIDDEN && retried.includes(FORBIDDEN));
