import { z } from "zod";
import { typeName } from "../../json/kind.ts";
import { maskUrl } from "../../secrets/redact.ts";
import { nearest } from "../nearest.ts";
import { type ConfigPath, pathText } from "../validation-errors.ts";
import { resolveParam } from "./endpoint-config.ts";
import { incrementalParam } from "./incremental-config.ts";
import { pythonReference, secretSyntax } from "./pasted.ts";
import { NO_FUNCTION, NOT_REGISTERED, SECRET } from "./primitives.ts";
import { unknownKey } from "./unknown-keys.ts";

type Issue = z.core.$ZodIssue;

/** Returns the value at a path. */
const at = (value: unknown, path: ConfigPath): unknown =>
  path.reduce<unknown>((current, key) => (current as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/** Keys whose names look like those of secrets, and whose values are not. */
const HARMLESS = new Set(["primary_key", "merge_key", "cursor_key", "links_next_key"]);
/** Contents of a request, in which any text may be a key. */
const REQUEST = /^(params|json|data)$/;

const mayBeSecret = (path: ConfigPath, value: unknown): boolean =>
  path.some((key) => /key|token|secret|password|auth|header/i.test(String(key)) && !HARMLESS.has(String(key))) ||
  (typeof value === "string" && path.some((key) => REQUEST.test(String(key))));

/** Maximum length of a value in a message, in characters. */
const MAX_SHOWN_LENGTH = 100;

/** Keys that contain a JSONPath, which has characters in it that separate secrets in a URL. */
const isSelector = (path: ConfigPath): boolean =>
  /_path$|^(data_selector|field)$/.test(String(path.at(-1))) || path.includes("processing_steps");

/** Returns the value at an issue's path as text; null if there is none, or if it may be a secret. */
const shownValue = (path: ConfigPath, value: unknown): string | null => {
  if (value === undefined || (typeof value === "object" && value !== null)) return null;
  // A type is never a secret.
  if (path.at(-1) !== "type" && mayBeSecret(path, value)) return null;
  if (typeof value === "function" || typeof value === "symbol") return typeof value;
  if (typeof value !== "string") return String(value);
  const masked = isSelector(path) ? value : maskUrl(value);
  return JSON.stringify(masked.length > MAX_SHOWN_LENGTH ? `${masked.slice(0, MAX_SHOWN_LENGTH)}...` : masked);
};

/** Names of zod's types in messages. */
const TYPES: Record<string, string> = { record: "object", array: "list", int: "integer" };

/** Returns what an issue would have accepted, such as `"GET"` or `string`. */
const expectedBy = (issue: Issue): string[] => {
  if (issue.code === "invalid_type")
    return [issue.message === SECRET ? SECRET : (TYPES[issue.expected] ?? issue.expected)];
  if (issue.code === "invalid_value") return issue.values.map((allowed) => JSON.stringify(allowed));
  if (issue.code === "custom") return issue.message === NO_FUNCTION ? ["function (TypeScript)"] : [];
  // A discriminated union that does not have the type.
  if ("options" in issue && Array.isArray(issue.options)) {
    const types = issue.options.filter((type) => typeof type === "string").map((type) => JSON.stringify(type));
    const kind = String(issue.path.at(-2));
    return kind === "paginator" || kind === "auth" ? [...types, `a registered ${kind}`] : types;
  }
  return issue.code === "invalid_union" ? issue.errors.flat().flatMap(expectedBy) : [];
};

/** Joins words: `a, b or c`. */
const either = (words: string[]): string =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(" or ");

/** Whether the message of an issue is zod's own. */
const isPlain = ({ message }: Issue): boolean => /^(Invalid |Too )/.test(message) || message === SECRET;

/** Whether a choice of a union expects another kind of value. */
const isTypeClash = (issues: Issue[]): boolean =>
  issues.some(
    (issue) =>
      issue.path.length === 0 &&
      (issue.code === "invalid_type" ||
        issue.code === "invalid_value" ||
        (issue.code === "custom" && [NO_FUNCTION, NOT_REGISTERED].includes(issue.message)) ||
        (issue.code === "invalid_union" &&
          isPlain(issue) &&
          issue.errors.length > 0 &&
          issue.errors.every(isTypeClash))),
  );

/** Whether an object has a key that a choice of a union does not have, which may be that of another choice. */
const hasOtherKey = (issues: Issue[]): boolean =>
  issues.some(({ code, path }) => code === "unrecognized_keys" && path.length === 0);

/**
 * Returns how far a value is from a choice of a union: 3 for another kind, 2 without the `type` key, 1 with another key, 0
 * otherwise.
 */
const distanceFrom = (issues: Issue[], value: unknown): number => {
  if (isTypeClash(issues)) return 3;
  if (issues.some(({ code, path }) => code === "invalid_union" && at(value, path) === undefined)) return 2;
  return hasOtherKey(issues) ? 1 : 0;
};

/** Replaces the issues of a secret reference by a type error, for an object that does not resemble one. */
const withoutForeignKeys = (choice: Issue[], value: unknown): Issue[] => {
  const isSecret = choice.some(({ path }) => path.length === 1 && path[0] === "secret");
  const keys = choice.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  if (!isSecret || at(value, ["secret"]) !== undefined || keys.some((key) => nearest(key, ["secret"]))) return choice;
  return [{ code: "invalid_type", expected: "object", path: [], message: SECRET, input: value }];
};

/** Keys of a parameter that is an object. */
const PARAMETER_KEYS = [...Object.keys(resolveParam.shape), ...Object.keys(incrementalParam.shape)];

/** Replaces the issues of a choice by a type error, for a parameter that is an object of any other kind. */
const withoutForeignParameter = (choice: Issue[], path: ConfigPath, value: unknown): Issue[] => {
  const isTyped = choice.some((issue) => issue.code === "invalid_union" && issue.path[0] === "type");
  if (path.at(-2) !== "params" || !isTyped || typeof value !== "object" || value === null) return choice;
  const { type, ...others } = value as Record<string, unknown>;
  const isMeant = nearest(String(type), ["resolve", "incremental"]) !== undefined;
  if (isMeant || Object.keys(others).some((key) => nearest(key, PARAMETER_KEYS) !== undefined)) return choice;
  return [{ code: "invalid_type", expected: "object", path: [], message: SECRET, input: value }];
};

/** Replaces the issue of a union by those of its nearest choice, unless the value is of a kind that none expects. */
const flatten = (issue: Issue, value: unknown): Issue[] => {
  if (issue.code !== "invalid_union" || !isPlain(issue) || issue.errors.length === 0) return [issue];
  const inner = at(value, issue.path);
  const errors = issue.errors.map((choice) =>
    withoutForeignParameter(withoutForeignKeys(choice, inner), issue.path, inner),
  );
  if (errors.every(isTypeClash)) return [{ ...issue, errors } as Issue];
  const [best = []] = errors.toSorted((a, b) => distanceFrom(a, inner) - distanceFrom(b, inner));
  return best
    .flatMap((found) => flatten(found, inner))
    .map((found) => ({ ...found, path: [...issue.path, ...found.path] }));
};

/** Returns the limit that a value violates. */
const limitOf = (issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string => {
  const isLow = issue.code === "too_small";
  const limit = String(isLow ? issue.minimum : issue.maximum);
  if (issue.origin === "string") return "expected non-empty string";
  if (issue.origin === "array") return `expected at least ${limit} item`;
  return `expected ${issue.inclusive ? `at ${isLow ? "least" : "most"}` : isLow ? "more than" : "less than"} ${limit}`;
};

/** Adds the value to a message, after what is wrong and before what to do: `expected integer, got 0.5: ...`. */
const withValue = (message: string, value: string | null): string => {
  if (value === null) return message;
  const end = message.indexOf(": ");
  const [problem, advice] = end === -1 ? [message, ""] : [message.slice(0, end), message.slice(end)];
  return `${problem}${problem.startsWith("expected ") ? `, got ${value}` : ` (got ${value})`}${advice}`;
};

/** Returns the advice for an object or list in place of a parameter or form field; "" for any other value. */
const jsonAdvice = (path: ConfigPath, value: unknown): string => {
  const isField =
    typeof value === "object" && value !== null && path.slice(0, -1).some((key) => /^(params|data)$/.test(String(key)));
  return isField ? ": write it as JSON text" : "";
};

/** Returns the message of a type error: `expected "GET" or "POST", got "get": did you mean "GET"?`. */
const typeError = (allowed: string[], path: ConfigPath, value: unknown): string => {
  const expected = `expected ${either(allowed)}`;
  if (value === undefined) return expected;
  const found = shownValue(path, value);
  if (found === null) return `${expected}, got ${typeName(value)}${jsonAdvice(path, value)}`;
  const words = allowed.filter((word) => word.startsWith('"')).map((word) => JSON.parse(word) as string);
  const suggestion = typeof value === "string" ? nearest(value, words) : undefined;
  return `${expected}, got ${found}${suggestion === undefined ? "" : `: did you mean ${JSON.stringify(suggestion)}?`}`;
};

/** Returns the message of an issue, without the path. */
const messageOf = (issue: Issue, value: unknown): string => {
  if (issue.code === "invalid_key") return issue.issues.map((inner) => messageOf(inner, undefined)).join(", ");
  // The path of an issue in a request's strings may end in a key that contains the invalid text.
  const isRequestText = issue.path.some((key) => REQUEST.test(String(key)));
  if (!isPlain(issue)) return isRequestText ? issue.message : withValue(issue.message, shownValue(issue.path, value));
  if (issue.code === "too_small" || issue.code === "too_big") {
    return withValue(limitOf(issue), shownValue(issue.path, value));
  }
  const allowed = [...new Set(expectedBy(issue))];
  return allowed.length === 0 ? issue.message : typeError(allowed, issue.path, value);
};

/** Keys of the built-in auths that take a secret reference. */
const AUTH_SECRET = /\bauth\.(api_key|token|password|client_secret)$/;

/** Returns the error of a value in place of a secret reference. Never shows the value. */
const secretError = (field: string, value: unknown): string => {
  const pasted = typeof value === "string" ? pythonReference(value, field) : null;
  return pasted ?? `expected secret reference, got ${typeName(value)}: use ${secretSyntax(field)}`;
};

/** Returns the lines of an issue: path and message. */
const linesOf = (root: ConfigPath, schema: z.core.$ZodType, whole: unknown, issue: Issue): string[] => {
  const place = pathText([...root, ...issue.path]) || "the config";
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${place}: ${unknownKey(schema, issue.path, whole, key)}`);
  }
  const value = at(whole, issue.path);
  const field = issue.message === SECRET ? AUTH_SECRET.exec(place)?.[1] : undefined;
  if (value === undefined && issue.code !== "invalid_key" && issue.path.length > 0) {
    const expected = field === undefined ? messageOf(issue, value) : `use ${secretSyntax(field)}`;
    return [`missing required key ${place}: ${expected}`];
  }
  return [`${place}: ${field === undefined ? messageOf(issue, value) : secretError(field, value)}`];
};

/** Whether a type error at the same path explains the issue: a function's `length`, for example, is not a string's. */
const followsFromTypeError = (issue: Issue, issues: Issue[]): boolean =>
  issue.code !== "invalid_type" &&
  issues.some(({ code, path }) => code === "invalid_type" && pathText(path) === pathText(issue.path));

/**
 * Validates a value against a schema.
 *
 * @param root path of the value, for the lines.
 * @returns one line for each error (path, what is wrong, what is allowed), and the paths. No value of a secret is shown.
 */
export const issuesOf = (
  root: ConfigPath,
  schema: z.core.$ZodType,
  value: unknown,
): { lines: string[]; paths: ConfigPath[] } => {
  const result = z.safeParse(schema, value);
  const found = result.success ? [] : result.error.issues.flatMap((issue) => flatten(issue, value));
  const issues = found.filter((issue) => !followsFromTypeError(issue, found));
  return {
    lines: issues.flatMap((issue) => linesOf(root, schema, value, issue)),
    paths: issues.map(({ path }) => path),
  };
};
