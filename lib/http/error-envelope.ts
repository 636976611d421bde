import { isJsonObject, type Json, type JsonObject, stringifyJson } from "../json/index.ts";
import { compilePath } from "../json/path.ts";

/** An error that the API reports in the body of a successful response. */
export interface ReportedError {
  /** Its text, as the API wrote it: neither redacted nor shortened. */
  text: string;
  /** Whether the response has nothing else: it is not a row that has a field such as `error`. */
  isWhole: boolean;
}

/** Names are compared in lower case, without dashes and underscores. */
const normalized = (key: string): string => key.toLowerCase().replaceAll(/[^a-z]/g, "");

/** Keys whose value is an error, unless it is empty. */
const ERROR_KEYS = new Set([
  ...["error", "errors", "fault", "errormessage", "errormsg", "errmessage", "errmsg", "errordescription"],
]);
/** Keys whose value is the code of an error, unless it is 0 or empty. */
const ERROR_CODE_KEYS = new Set(["errorcode", "errcode", "errorno", "errno", "errornumber"]);
/** Keys that are false when the request failed. */
const SUCCESS_KEYS = new Set(["ok", "success", "succeeded", "issuccess"]);
/** Keys whose value is text about the error, the most specific first. */
const TEXT_KEYS = [
  ...["message", "msg", "errormessage", "errormsg", "errmessage", "errmsg", "errordescription"],
  ...["detail", "details", "description", "reason", "title"],
  ...["faultstring", "fault", "error", "errors", ...ERROR_CODE_KEYS, "code"],
];
/** Other keys of responses that are only an error. */
const ENVELOPE_KEYS = new Set([
  ...[...ERROR_KEYS, ...SUCCESS_KEYS, ...TEXT_KEYS],
  ...["status", "statuscode", "type", "instance", "path", "timestamp", "time", "requestid", "traceid", "correlationid"],
  ...[
    "documentationurl",
    "helpurl",
    "help",
    "extensions",
    "warning",
    "warnings",
    "responsemetadata",
    "meta",
    "jsonrpc",
  ],
]);
/** Statuses of an error, as JSend and others write them. */
const FAILED_STATUS = /^(error|fail|failed|failure)$/i;
/** Values that mean success. */
const NO_ERROR = /^(|0|none|null|no|no error|ok|success|false)$/i;

/** Whether a value has no content at any depth, such as `{ "users": null }`. */
const isEmpty = (value: Json): boolean =>
  value === null || value === "" || (typeof value === "object" && Object.values(value).every(isEmpty));

const byName = (object: JsonObject, name: string): Json | undefined =>
  Object.entries(object).find(([key]) => normalized(key) === name)?.[1];

/** Codes of an object that describes a success, such as `{ "code": 0, "message": "ok" }`. */
const SUCCESS_CODES = new Set<Json | undefined>([0, "0", 200, "200"]);

const isError = (value: Json): boolean => {
  if (typeof value === "string") return !NO_ERROR.test(value.trim());
  if (isJsonObject(value) && SUCCESS_CODES.has(byName(value, "code"))) return false;
  return value === true || (typeof value === "object" && !isEmpty(value));
};

const isFalse = (value: Json): boolean => value === false || value === "false";

/** Returns the text of an error: a string, the message of an object, or those of a list. */
const textOf = (value: Json): string => {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("; ");
  if (!isJsonObject(value)) return stringifyJson(value);
  const texts = TEXT_KEYS.flatMap((name) => {
    const inner = byName(value, name);
    return inner === undefined || isEmpty(inner) || typeof inner === "boolean" ? [] : [textOf(inner)];
  });
  return texts.length === 0 ? stringifyJson(value) : [...new Set(texts)].slice(0, 2).join(", ");
};

/** Keys whose value is a status or a code of the API's own. */
const CODE_KEYS = new Set(["code", "status", "statuscode"]);
/** Keys whose value is text about what happened. */
const MESSAGE_KEYS = ["message", "msg", "errormessage", "errormsg", "errmessage", "errmsg", "reason"];

/** Whether a code is a status of an error. */
const isErrorStatus = (value: Json): boolean => {
  const status = typeof value === "string" && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof status === "number" && status >= 400 && status <= 599;
};

/** Whether a code of the API's own, next to a message that does not say success, is that of an error. */
const isOwnCode = (body: JsonObject, code: Json): boolean => {
  const text = byName(body, "message") ?? byName(body, "msg") ?? null;
  return typeof code === "number" && code >= 400 && typeof text === "string" && !NO_ERROR.test(text.trim());
};

/** Whether a value of a key such as `errcode` is the code of an error. */
const isErrorCode = (value: Json): boolean =>
  (typeof value === "number" || (typeof value === "string" && !NO_ERROR.test(value.trim()))) &&
  !SUCCESS_CODES.has(value);

/** Returns the first key of a response that reports an error; undefined when there is none. */
const errorKey = (body: JsonObject): string | undefined => {
  const keys = Object.keys(body);
  const isEnvelope = keys.every((key) => ENVELOPE_KEYS.has(normalized(key)));
  const hasText = MESSAGE_KEYS.some((name) => byName(body, name) !== undefined);
  // As in `{ "errcode": 0, "errmsg": "request done" }`.
  const isSuccess = [...ERROR_CODE_KEYS].some((name) => SUCCESS_CODES.has(byName(body, name)));
  return keys.find((key) => {
    const name = normalized(key);
    const value = body[key] ?? null;
    if (isSuccess && MESSAGE_KEYS.includes(name)) return false;
    if (ERROR_KEYS.has(name)) return isError(value);
    if (hasText && ERROR_CODE_KEYS.has(name)) return isErrorCode(value);
    if (SUCCESS_KEYS.has(name)) return isFalse(value);
    if (hasText && CODE_KEYS.has(name) && (isErrorStatus(value) || (isEnvelope && isOwnCode(body, value)))) return true;
    return hasText && name === "status" && typeof value === "string" && FAILED_STATUS.test(value);
  });
};

const isWhole = (body: JsonObject): boolean =>
  Object.entries(body).every(
    ([key, value]) =>
      ENVELOPE_KEYS.has(normalized(key)) ||
      isEmpty(value) ||
      (normalized(key) === "id" && Object.hasOwn(body, "jsonrpc")),
  );

/**
 * Returns the error that ends the lines of a JSON Lines response; null when they end with a row. The error is an object that is
 * nothing else, and has no key of the line before it: the rows of a log may consist of errors.
 */
export const errorAfterLines = (lines: readonly Json[]): JsonObject | null => {
  const [before, last] = [lines.at(-2), lines.at(-1)];
  if (!isJsonObject(last) || errorKey(last) === undefined || !isWhole(last)) return null;
  const isRow = isJsonObject(before) && Object.keys(before).some((key) => Object.hasOwn(last, key));
  return isRow ? null : last;
};

/** Returns the message of a response that lacks the rows, neither redacted nor shortened; null when it has none. */
export const messageIn = (body: Json): string | null => {
  if (!isJsonObject(body)) return null;
  const hasMessage = TEXT_KEYS.some((name) => typeof byName(body, name) === "string");
  return hasMessage ? textOf(body) : null;
};

/** First key of a selector; undefined for the whole response, and for a path that does not begin with a key. */
const firstKey = (path: string | readonly string[]): string | undefined => {
  if (typeof path !== "string") return path[0];
  return compilePath(path).keys?.[0] ?? /^\$?\.?\[?['"]?([\w-]+)/.exec(path)?.[1];
};

/**
 * Returns the error that a response reports, such as the `errors` of GraphQL, `{ "error": ... }` or `{ "ok": false }`; null
 * when it reports none.
 *
 * @param selector of the rows, from the config: a resource may consist of errors.
 */
export const reportedError = (body: Json, selector: string | null): ReportedError | null => {
  if (!isJsonObject(body)) return null;
  const key = errorKey(body);
  if (key === undefined || (selector !== null && firstKey(selector) === key)) return null;
  return { text: textOf(body), isWhole: isWhole(body) };
};
