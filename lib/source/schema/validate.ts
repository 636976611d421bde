import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { maskUrl } from "../../secrets/redact.ts";
import { sourceConfig, sourceSettings } from "./index.ts";

type Issue = z.core.$ZodIssue;

const pathText = (path: PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) => (typeof key === "number" ? `${text}[${key}]` : text === "" ? String(key) : `${text}.${String(key)}`),
    "",
  );

/** Edits between two words (Levenshtein). */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
};

const nearest = (word: string, candidates: string[]): string | undefined =>
  candidates
    .map((candidate) => ({ candidate, edits: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, edits }) => edits <= Math.max(2, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits)[0]?.candidate;

const unwrap = (schema: z.core.$ZodType): z.core.$ZodType => {
  const { def } = schema as unknown as { def: { innerType?: z.core.$ZodType; in?: z.core.$ZodType; type: string } };
  if (def.innerType !== undefined) return unwrap(def.innerType);
  return def.type === "pipe" && def.in !== undefined ? unwrap(def.in) : schema;
};

/** The object schemas that may stand at a path of the value, for naming the keys that are allowed there. */
const objectsAt = (schema: z.core.$ZodType, path: PropertyKey[], value: unknown): z.ZodObject[] => {
  const plain = unwrap(schema);
  if (plain instanceof z.ZodDiscriminatedUnion || plain instanceof z.ZodUnion) {
    const options = (plain.options as z.core.$ZodType[]).flatMap((option) => objectsAt(option, path, value));
    const fitting = options.filter((option) => {
      const type = option.shape.type;
      const given = path.length === 0 ? (value as { type?: unknown } | null)?.type : undefined;
      return type === undefined || given === undefined || type.safeParse(given).success;
    });
    return fitting.length > 0 ? fitting : options;
  }
  const [key, ...rest] = path;
  if (key === undefined) return plain instanceof z.ZodObject ? [plain] : [];
  const inner = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  if (plain instanceof z.ZodObject) {
    const next = plain.shape[String(key)];
    return next === undefined ? [] : objectsAt(next, rest, inner);
  }
  if (plain instanceof z.ZodArray) return objectsAt(plain.element, rest, inner);
  if (plain instanceof z.ZodRecord) return objectsAt(plain.valueType, rest, inner);
  return [];
};

/** Values are shown only where they cannot be secret. */
const shown = (path: PropertyKey[], value: unknown, allowed: string[]): string => {
  if (path.some((key) => /key|token|secret|password|auth|header/i.test(String(key)))) return "";
  const inner = path.reduce<unknown>(
    (current, key) => (current as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  if (inner === undefined || (typeof inner === "object" && inner !== null)) return "";
  if (typeof inner === "function" || typeof inner === "symbol") return ` (it is a ${typeof inner})`;
  const text = typeof inner === "string" ? JSON.stringify(maskUrl(inner)) : String(inner);
  const meant = typeof inner === "string" ? nearest(inner, allowed) : undefined;
  return ` (it is ${text}${meant === undefined ? "" : `, did you mean ${JSON.stringify(meant)}?`})`;
};

/** What an issue would have taken, as `"GET"` or `string`. */
const expectedBy = (issue: Issue): string[] => {
  if (issue.code === "invalid_type") return [issue.expected === "record" ? "object" : issue.expected];
  if (issue.code === "invalid_value") return issue.values.map((allowed) => JSON.stringify(allowed));
  // The note of a discriminated union that knows no such type.
  if ("options" in issue && Array.isArray(issue.options)) return issue.options.map((type) => JSON.stringify(type));
  return issue.code === "invalid_union" ? issue.errors.flat().flatMap(expectedBy) : [];
};

/** "a, b or c" */
const either = (words: string[]): string =>
  [words.slice(0, -1).join(", "), ...words.slice(-1)].filter(Boolean).join(" or ");

const isTypeClash = (issues: Issue[]): boolean =>
  issues.some(
    (issue) =>
      issue.path.length === 0 &&
      (issue.code === "invalid_type" ||
        issue.code === "invalid_value" ||
        (issue.code === "invalid_union" && issue.errors.every(isTypeClash))),
  );

/** With the wrong `type`, complaints about the other keys only mislead. */
const typeFirst = (issues: Issue[]): Issue[] => {
  const type = issues.find(({ code, path }) => code === "invalid_value" && path.length === 1 && path[0] === "type");
  return type === undefined ? issues : [type];
};

/** A union's issue hides the interesting ones: those of the option that came furthest; if none came far, all. */
const flatten = (issue: Issue): Issue[] => {
  if (issue.code !== "invalid_union" || issue.errors.length === 0) return [issue];
  if (issue.errors.every(isTypeClash)) return [issue];
  const score = (issues: Issue[]) =>
    Math.max(0, ...issues.map(({ path }) => path.length)) + (isTypeClash(issues) ? 0 : 100);
  const best = [...issue.errors].sort((a, b) => score(b) - score(a))[0] as Issue[];
  return typeFirst(best)
    .map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] }))
    .flatMap(flatten);
};

const describe = (root: string[], schema: z.core.$ZodType, value: unknown, issue: Issue): string[] => {
  const place = pathText([...root, ...issue.path]) || "the config";
  if (issue.code === "unrecognized_keys") {
    const allowed = [...new Set(objectsAt(schema, issue.path, value).flatMap(({ shape }) => Object.keys(shape)))];
    return issue.keys.map((key) => {
      const meant = nearest(key, allowed);
      return `${place}: unknown key ${JSON.stringify(key)}${meant === undefined ? "." : `, did you mean ${JSON.stringify(meant)}?`} Allowed: ${allowed.join(", ")}`;
    });
  }
  const literal = /\bauth\.(api_key|token|password)$/.exec(place)?.[1];
  if (issue.code === "invalid_type" && issue.expected === "object" && literal !== undefined) {
    return [`${place}: must be secret("${literal}"), in JSON {"secret": "${literal}"}: no key belongs into a config`];
  }
  const allowed = [...new Set(expectedBy(issue))];
  const words = allowed.filter((word) => word.startsWith('"')).map((word) => JSON.parse(word) as string);
  return [`${place}: ${complaint(issue, allowed)}${shown(issue.path, value, words)}`];
};

/** zod's own words, except where they leave out half of what is allowed. */
const complaint = (issue: Issue, allowed: string[]): string => {
  if (issue.code === "invalid_key") return issue.issues.map(({ message }) => message).join(", ");
  if (allowed.length === 0) return issue.message;
  const received = issue.code === "invalid_type" ? issue.message.match(/, received \w+$/)?.[0] : undefined;
  return issue.message.startsWith("Invalid ") ? `expected ${either(allowed)}${received ?? ""}` : issue.message;
};

const check = (root: string[], schema: z.core.$ZodType, value: unknown): string[] => {
  const result = z.safeParse(schema, value);
  return result.success
    ? []
    : result.error.issues.flatMap(flatten).flatMap((issue) => describe(root, schema, value, issue));
};

/**
 * Checks a source against the dialect, all mistakes at once.
 *
 * @param file where it stands, for the message.
 * @throws ConfigError with a line per mistake: path, what is wrong, what is allowed. No value of a secret is shown.
 */
export const validateSource = (file: string, source: { config: unknown; settings: unknown }): void => {
  const lines = [...check([], sourceConfig, source.config), ...check(["settings"], sourceSettings, source.settings)];
  if (lines.length > 0) throw new ConfigError(`${file}: ${lines.join(`\n${file}: `)}`);
};
