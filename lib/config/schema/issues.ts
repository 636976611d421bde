import { z } from "zod";
import { typeName } from "../../json/kind.ts";
import { maskUrl } from "../../secrets/redact.ts";
import { nearest } from "../nearest.ts";
import { type ConfigPath, pathText } from "../validation-errors.ts";
import { pythonReference } from "./pasted.ts";
import { NO_FUNCTION, NOT_REGISTERED, SECRET } from "./primitives.ts";
import { unknownKey } from "./unknown-keys.ts";

type Issue = z.core.$ZodIssue;

/** What stands at a path of a value. */
const at = (value: unknown, path: ConfigPath): unknown =>
  path.reduce<unknown>((current, key) => (current as Record<PropertyKey, unknown> | null | undefined)?.[key], value);

/** Places that are named like a secret, and whose values nobody minds. */
const HARMLESS = new Set(["primary_key", "merge_key", "cursor_key", "links_next_key"]);
/** What an API is asked for: any text in there may be a key. */
const REQUEST = /^(params|json|data)$/;

const mayBeSecret = (path: ConfigPath, value: unknown): boolean =>
  path.some((key) => /key|token|secret|password|auth|header/i.test(String(key)) && !HARMLESS.has(String(key))) ||
  (typeof value === "string" && path.some((key) => REQUEST.test(String(key))));

const LONGEST = 100;

/** Places that hold a JSONPath, which has marks in it that a URL has before its secrets. */
const isSelector = (path: ConfigPath): boolean => /_path$|^(data_selector|field)$/.test(String(path.at(-1)));

/** The value in the issue's place, where it can be no secret, and what it may have been meant to be. */
const shown = (path: ConfigPath, value: unknown, words: string[]): string => {
  if (value === undefined || (typeof value === "object" && value !== null)) return "";
  // No type is a secret.
  if (path.at(-1) !== "type" && mayBeSecret(path, value)) return "";
  if (typeof value === "function" || typeof value === "symbol") return ` (it is a ${typeof value})`;
  if (typeof value !== "string") return ` (it is ${String(value)})`;
  const masked = isSelector(path) ? value : maskUrl(value);
  const text = JSON.stringify(masked.length > LONGEST ? `${masked.slice(0, LONGEST)}...` : masked);
  const meant = nearest(value, words);
  return ` (it is ${text}${meant === undefined ? "" : `, did you mean ${JSON.stringify(meant)}?`})`;
};

/** Types in the words of configs. */
const TYPES: Record<string, string> = { record: "object", array: "list", int: "whole number" };
const inWords = (type: string): string => TYPES[type] ?? type;

/** What an issue would have taken, as `"GET"` or `string`. */
const expectedBy = (issue: Issue): string[] => {
  if (issue.code === "invalid_type") return [issue.message === SECRET ? SECRET : inWords(issue.expected)];
  if (issue.code === "invalid_value") return issue.values.map((allowed) => JSON.stringify(allowed));
  if (issue.code === "custom") return issue.message === NO_FUNCTION ? ["function (TypeScript)"] : [];
  // The note of a discriminated union that knows no such type.
  if ("options" in issue && Array.isArray(issue.options)) {
    const types = issue.options.filter((type) => typeof type === "string").map((type) => JSON.stringify(type));
    const kind = String(issue.path.at(-2));
    return kind === "paginator" || kind === "auth" ? [...types, "a registered one"] : types;
  }
  return issue.code === "invalid_union" ? issue.errors.flat().flatMap(expectedBy) : [];
};

/** "a, b or c" */
const either = (words: string[]): string =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(" or ");

/** Whether a message is zod's own. */
const isPlain = ({ message }: Issue): boolean => /^(Invalid |Too )/.test(message) || message === SECRET;

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

/** How far a value is from a choice of a union: of another kind, without the type that would tell, or near. */
const farness = (issues: Issue[], value: unknown): number => {
  if (isTypeClash(issues)) return 2;
  return issues.some(({ code, path }) => code === "invalid_union" && at(value, path) === undefined) ? 1 : 0;
};

/** An object that means no secret at all is not told what it lacks to be one. */
const unlessForeign = (choice: Issue[], value: unknown): Issue[] => {
  const isSecret = choice.some(({ path }) => path.length === 1 && path[0] === "secret");
  const keys = choice.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  if (!isSecret || at(value, ["secret"]) !== undefined || keys.some((key) => nearest(key, ["secret"]))) return choice;
  return [{ code: "invalid_type", expected: "object", path: [], message: SECRET, input: value }];
};

/** A union's issue hides the interesting ones: those of the choice that comes nearest; of none, when no kind fits. */
const flatten = (issue: Issue, value: unknown): Issue[] => {
  if (issue.code !== "invalid_union" || !isPlain(issue) || issue.errors.length === 0) return [issue];
  const inner = at(value, issue.path);
  const errors = issue.errors.map((choice) => unlessForeign(choice, inner));
  if (errors.every(isTypeClash)) return [{ ...issue, errors } as Issue];
  const [best = []] = errors.toSorted((a, b) => farness(a, inner) - farness(b, inner));
  return best
    .flatMap((found) => flatten(found, inner))
    .map((found) => ({ ...found, path: [...issue.path, ...found.path] }));
};

/** The bound that a value is beyond. */
const bound = (issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string => {
  const isLow = issue.code === "too_small";
  const limit = String(isLow ? issue.minimum : issue.maximum);
  if (issue.origin === "string") return "must not be empty";
  if (issue.origin === "array") return `needs at least ${limit}`;
  return `must be ${issue.inclusive ? `at ${isLow ? "least" : "most"}` : isLow ? "more than" : "less than"} ${limit}`;
};

/** An auth's own secrets, by the keys that dlt gives them. */
const OWN_SECRET = /\bauth\.(api_key|token|password|client_secret)$/;

const secretMistake = (field: string, value: unknown): string => {
  const reference = (name: string) => `secret("${name}"), in JSON {"secret": "${name}"}`;
  if (value === undefined) return `is missing: give ${reference(field)}`;
  const pasted = typeof value === "string" ? pythonReference(value, field) : null;
  return pasted ?? `must be ${reference(field)}: no key belongs into a config`;
};

/** What is wrong, without the place. */
const complaint = (issue: Issue, value: unknown): string => {
  if (issue.code === "invalid_key") return issue.issues.map((inner) => complaint(inner, undefined)).join(", ");
  if (!isPlain(issue)) {
    // What is wrong in a request's texts names its place, and may be a key of an object.
    return issue.path.some((key) => REQUEST.test(String(key)))
      ? issue.message
      : issue.message + shown(issue.path, value, []);
  }
  if (issue.code === "too_small" || issue.code === "too_big") return bound(issue) + shown(issue.path, value, []);
  const allowed = [...new Set(expectedBy(issue))];
  if (allowed.length === 0) return issue.message;
  const words = allowed.filter((word) => word.startsWith('"')).map((word) => JSON.parse(word) as string);
  if (value === undefined) return `is missing: expected ${either(allowed)}`;
  const kind = typeName(value);
  const isKnown = allowed.includes(kind) || (kind === "string" && words.length > 0);
  return `expected ${either(allowed)}${shown(issue.path, value, words) || (isKnown ? "" : `, received ${kind}`)}`;
};

const describe = (root: ConfigPath, schema: z.core.$ZodType, whole: unknown, issue: Issue): string[] => {
  const place = pathText([...root, ...issue.path]) || "the config";
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${place}: ${unknownKey(schema, issue.path, whole, key)}`);
  }
  const value = at(whole, issue.path);
  const field = issue.message === SECRET ? OWN_SECRET.exec(place)?.[1] : undefined;
  return [`${place}: ${field === undefined ? complaint(issue, value) : secretMistake(field, value)}`];
};

/** A value of the wrong kind is told to be that, and not what else it is not: a function's `length` is no text's. */
const isAfterthought = (issue: Issue, issues: Issue[]): boolean =>
  issue.code !== "invalid_type" &&
  issues.some(({ code, path }) => code === "invalid_type" && pathText(path) === pathText(issue.path));

/**
 * Checks a value by its schema.
 *
 * @param root where the value stands, for the lines.
 * @returns a line for each mistake: path, what is wrong, what is allowed; and the paths. No value of a secret is shown.
 */
export const issuesOf = (
  root: ConfigPath,
  schema: z.core.$ZodType,
  value: unknown,
): { lines: string[]; paths: ConfigPath[] } => {
  const result = z.safeParse(schema, value);
  const found = result.success ? [] : result.error.issues.flatMap((issue) => flatten(issue, value));
  const issues = found.filter((issue) => !isAfterthought(issue, found));
  return {
    lines: issues.flatMap((issue) => describe(root, schema, value, issue)),
    paths: issues.map(({ path }) => path),
  };
};
