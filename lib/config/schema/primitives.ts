import { z } from "zod";
import { columnName, normaliseName } from "../../columns/names.ts";
import { RESERVED_COLUMNS } from "../../columns/table-schema.ts";
import { RestlakeError } from "../../errors/index.ts";
import { compilePath } from "../../json/path.ts";
import { compileFilter } from "../../json/row-filter.ts";
import { hasPlaceholder, parseTemplate, textsIn } from "../template.ts";
import { pythonReference } from "./pasted.ts";

/** Names of sources: valid in S3 keys, SQL and Lambda function names. */
const IDENTIFIER = /^[a-z][a-z0-9_]{0,62}$/;
const NAME_RULE = "^[a-z][a-z0-9_]{0,62}$ (lowercase letters, digits, underscores)";
/** Maximum length of the name of a resource or a table. */
const MAX_NAME_LENGTH = 63;

/** Name of a source, which is not converted to snake_case. */
export const identifier = z.string().regex(IDENTIFIER, `expected a name that matches ${NAME_RULE}`);

/** Adds the rules of names to a string. */
export const nameOf = (text: z.ZodString): z.ZodString =>
  text.min(1).refine((name) => normaliseName(name).length <= MAX_NAME_LENGTH, {
    error: ({ input }) =>
      `name in snake_case has ${normaliseName(String(input)).length} characters: use a name of at most ${MAX_NAME_LENGTH}`,
  });

/** A name that dlt accepts, such as a path. It is converted to snake_case, and may then begin with a digit. */
export const normalisedName = nameOf(z.string());

/**
 * Names that no resource may have: the S3 key of the state of `run` would be that of the open run, and the other names are
 * states of every state machine.
 */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "run",
  ...["start", "open", "finish", "again", "fresh", "successor", "continued", "done", "skipped"],
]);

/** Name of a resource. */
export const resourceName = normalisedName.refine((name) => !RESERVED_NAMES.has(normaliseName(name)), {
  error: ({ input }) => `reserved name: use another one and set table_name: ${normaliseName(String(input))}`,
});

/** Expected value of a secret reference, as unions list it. */
export const SECRET = 'secret("...")';

/** Documents the default of a key in the JSON Schema, and so in editors and the docs. The Lambda applies it. */
export const withDefault = <Schema extends z.ZodType>(schema: Schema, value: unknown): Schema =>
  schema.meta({ default: value });

/** Documents a default that is not a constant, such as the value of another key. */
export const withDefaultNote = <Schema extends z.ZodType>(schema: Schema, note: string): Schema =>
  schema.meta({ defaultNote: note });

/** `{ secret: "api_key" }`: a field of the source's secret. */
export const secretReference = z
  .strictObject(
    {
      secret: z.string().min(1).describe("Name of the field in the source's secret."),
      prefix: z.string().optional().describe("Text before the value, such as `Token `. Not in dlt."),
      mask_in_rows: withDefaultNote(z.boolean().optional(), "by the use of the field").describe(
        "Whether the value is masked in rows that contain it. Keys, tokens and passwords are; user names and ids are not. Not in dlt.",
      ),
    },
    { error: ({ code }) => (code === "invalid_type" ? SECRET : undefined) },
  )
  .describe('A reference to a field of the source\'s secret. In TypeScript: `secret("api_key")`.');

/** Returns the message of a RestlakeError that the check throws; null if it throws none. */
const messageOf = (check: () => unknown): string | null => {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof RestlakeError) return error.message;
    throw error;
  }
};

/** A string that passes all checks, each of which throws a RestlakeError. */
const checked = (...checks: ((text: string) => unknown)[]) =>
  z.string().superRefine((text, context) => {
    const message = text === "" ? null : messageOf(() => checks.forEach((check) => void check(text)));
    if (message !== null) context.addIssue({ code: "custom", message });
  });

/** @throws RestlakeError for a reference to dlt's config in Python syntax, which would be sent literally. */
const refusePython = (given: string): void => {
  const message = pythonReference(given);
  if (message !== null) throw new RestlakeError(message);
};

/** Text that may contain placeholders, but no secret. */
export const text = checked(refusePython, (given) => parseTemplate(given));

const CHANGING_TIME = "{now} changes within a run: use {run.opened_at}";

/** A start or end of an incremental, which may contain the time of the run. */
export const cursorText = checked((given) => {
  const pieces = parseTemplate(given);
  if (pieces.some((piece) => "time" in piece && piece.time === "now")) {
    throw new RestlakeError(CHANGING_TIME);
  }
  if (pieces.every((piece) => "text" in piece || "time" in piece)) return;
  throw new RestlakeError("placeholder without a value here: only {run.opened_at} has one");
});

/** Text outside of endpoints, where placeholders have no value. */
const plainText = checked(refusePython, (given) => {
  if (hasPlaceholder(given)) {
    throw new RestlakeError(
      "placeholder outside of a request: use it in path, params, headers, json or data of an endpoint",
    );
  }
});

/** @throws RestlakeError for a URL with credentials. */
const refuseCredentials = (given: string): void => {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || url.username + url.password === "") return;
  throw new RestlakeError("URL with credentials: use auth and secret references instead");
};

/** Path of a request. A parameter binds `{name}` in it. */
export const requestPath = checked(refusePython, refuseCredentials, (given) => parseTemplate(given, { isPath: true }));

/** URL that requests are sent to. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: "expected http or https URL" })
  .superRefine((given, context) => {
    const message = messageOf(() => refuseCredentials(given));
    if (message !== null) context.addIssue({ code: "custom", message });
  });

/** Text with placeholders, or a secret reference. */
export const secretText = z.union([secretReference, text]);

/** Text without placeholders, or a secret reference. */
export const plainSecretText = z.union([secretReference, plainText]);

/** JSON whose strings, keys included, may contain placeholders. */
export const template = <Schema extends z.ZodType>(json: Schema): Schema =>
  json.superRefine((given, context) => {
    for (const { path, text: inner } of textsIn(given)) {
      const message = messageOf(() => parseTemplate(inner));
      if (message !== null) context.addIssue({ code: "custom", message, path: [...path] });
    }
  });

/** Value in a query or a form. */
export const scalar = z.union([text, z.number(), z.boolean()]);

/** Value without placeholders in a query or a form. */
export const plainScalar = z.union([plainText, z.number(), z.boolean()]);

/** Name of a header or a cookie (RFC 9110, 5.6.2). */
export const httpToken = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
const HEADER_NAME = "expected header name (letters, digits, dashes)";
/** Name of a header. */
export const headerName = z.string().regex(httpToken, HEADER_NAME);

/** Name of a request header. It may contain placeholders. */
export const headerTemplate = checked((given) => {
  const pieces = parseTemplate(given);
  if (pieces.every((piece) => !("text" in piece) || httpToken.test(piece.text))) return;
  throw new RestlakeError(HEADER_NAME);
}).refine((given) => given !== "", "expected non-empty string");

/** Duration in seconds, at least 0. */
export const seconds = z.number().nonnegative();

/** A rule that relates several keys of an object. */
export interface Rule {
  /** The key that the error names. */
  path: string[];
  error: string | ((issue: { input?: unknown }) => string);
  when: typeof whenObject;
}

/** Lets zod check such a rule even if single keys have errors, so that all errors are reported at once. */
export const whenObject = ({ value }: { value: unknown }): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** HTTP status code. */
export const statusCode = z.int().min(100).max(599);

/** Path in a JSON body: keys joined by dots. */
export const bodyKeys = z
  .string()
  .regex(/^[^.$[\]]+(\.[^.$[\]]+)*$/, "expected keys joined by dots, such as paging.next");

const JSON_PATH = "JSONPath (RFC 9535)";

const FILTER = "filter expression (RFC 9535)";

/** Returns the reason in a message about syntax, without the text itself, which every issue shows. */
const reasonIn = (message: string, syntax: string): string =>
  message.slice(message.indexOf(`${syntax}: `) + syntax.length + 2);

const checkPath = (given: string): void => {
  const message = messageOf(() => compilePath(given));
  if (message !== null) throw new RestlakeError(`expected ${JSON_PATH}: ${reasonIn(message, JSON_PATH)}`);
};

/** JSONPath (RFC 9535) into a response or a row; empty for none. The leading `$.` is optional. */
export const optionalSelector = checked(checkPath);

/** JSONPath (RFC 9535) into a response or a row. The leading `$.` is optional. */
export const selector = optionalSelector.min(1);

/** JSONPath (RFC 9535) of a field in a row, or of several. */
export const fieldPath = checked(checkPath, (given) => {
  if (compilePath(given).selects === "whole") throw new RestlakeError("expected path of a field");
}).min(1);

/** JSONPath (RFC 9535) of fields that have a name. */
export const namedFieldPath = checked(checkPath, (given) => {
  if (compilePath(given).selects === "field") return;
  throw new RestlakeError("expected path that ends in the name of a field, such as address.street");
}).min(1);

/** Name of a new field of a row. */
export const fieldName = z
  .string()
  .regex(/^[^.$[\]]+$/, "expected name without dots, brackets and $: it is a key, not a path")
  .refine((name) => !RESERVED_COLUMNS.has(columnName([name])), "reserved system column: use another name");

/** Expression (RFC 9535, 2.3.5) that tests a row. */
export const filterExpression = checked((given) => {
  const message = messageOf(() => compileFilter(given));
  if (message !== null) throw new RestlakeError(`expected ${FILTER}: ${reasonIn(message, FILTER)}`);
}).min(1);

const NO_PLACEHOLDER =
  "only {run.opened_at} has one; { path: id } takes a field of the row, include_from_parent adds one of the parent, and { value: ... } is the text itself";

/** Text of a field that a step adds. It may contain the time of the run. */
export const addedText = checked((given) => {
  const message = messageOf(() => parseTemplate(given));
  if (message !== null)
    throw new RestlakeError(message.replace(/(^unknown placeholder .*?): write .*$/s, `$1: ${NO_PLACEHOLDER}`));
  const pieces = parseTemplate(given);
  if (pieces.some((piece) => "time" in piece && piece.time === "now")) throw new RestlakeError(CHANGING_TIME);
  if (pieces.every((piece) => "text" in piece || "time" in piece)) return;
  throw new RestlakeError(`placeholder without a value here: ${NO_PLACEHOLDER}`);
});

/** Error of a value that is not a function. Other choices of a union explain more. */
export const NO_FUNCTION = "expected function (TypeScript)";

/** Error of a value that is neither a function nor the config of a registered type. */
export const NOT_REGISTERED = "expected a registered type";

/** A user callback, which only a TypeScript config can contain. */
export const functionOf = <Type>() =>
  z.custom<Type>((value) => typeof value === "function", { error: NO_FUNCTION }).meta({ functionOnly: true });

/** The `type` key of an object that has several kinds. */
export const typeKey = <Type extends string>(type: Type) => z.literal(type).describe("Selects this type.");
