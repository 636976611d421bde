import { z } from "zod";
import { normaliseName } from "../../columns/names.ts";
import { RestlakeError } from "../../errors/index.ts";
import { compilePath } from "../../json/path.ts";
import { maskUrl } from "../../secrets/redact.ts";
import { hasPlaceholder, parseTemplate, textsIn } from "../template.ts";
import { pythonReference } from "./pasted.ts";

/** Names of sources, resources and tables (DESIGN 4): what S3 keys, SQL and Lambda all accept. */
const IDENTIFIER = /^[a-z][a-z0-9_]{0,62}$/;
const NAME_RULE = "must match ^[a-z][a-z0-9_]{0,62}$ (lower case, digits, underscores)";

/** The name of a source, which is ours to give. */
export const identifier = z.string().regex(IDENTIFIER, NAME_RULE);

/** dlt takes any name, such as a path: what snake_case makes of it must be one. */
export const normalisedName = z
  .string()
  .min(1)
  .refine((name) => name === "" || IDENTIFIER.test(normaliseName(name)), {
    error: ({ input }) =>
      `becomes ${JSON.stringify(normaliseName(maskUrl(String(input))))} in snake_case, which ${NAME_RULE}: give it another name`,
  });

/**
 * Names that no resource may have: `run` would share its state's key with the open run (DESIGN 4), the others are states of
 * every machine.
 */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "run",
  ...["start", "open", "finish", "again", "fresh", "successor", "continued", "done", "skipped"],
]);

/** Names of resources. */
export const resourceName = normalisedName.refine((name) => !RESERVED_NAMES.has(normaliseName(name)), {
  error: ({ input }) =>
    `is reserved: name the resource otherwise and give it table_name: ${normaliseName(String(input))}`,
});

/** What a union that takes a secret says it takes. */
export const SECRET = 'secret("...")';

/** `{ secret: "api_key" }`: a field of the source's secret. */
export const secretReference = z
  .strictObject(
    { secret: z.string().min(1).describe("Name of the field in the source's secret.") },
    { error: ({ code }) => (code === "invalid_type" ? SECRET : undefined) },
  )
  .describe('Stands for a field of the source\'s secret. In TypeScript: `secret("api_key")`.');

/** What a compiler of ours says of a text, or null. */
const mistake = (compile: () => unknown): string | null => {
  try {
    compile();
    return null;
  } catch (error) {
    if (error instanceof RestlakeError) return error.message;
    throw error;
  }
};

const checked = (...compilers: ((text: string) => unknown)[]) =>
  z.string().superRefine((text, context) => {
    const message = text === "" ? null : mistake(() => compilers.forEach((compile) => void compile(text)));
    if (message !== null) context.addIssue({ code: "custom", message });
  });

/** @throws RestlakeError for a reference of Python's, which would be sent as a text. */
const refusePython = (given: string): void => {
  const message = pythonReference(given);
  if (message !== null) throw new RestlakeError(message);
};

/** Text that may hold placeholders, but no secret. */
export const text = checked(refusePython, (given) => parseTemplate(given));

/** Text of the client's, where nothing is filled in. */
const plainText = checked(refusePython, (given) => {
  if (hasPlaceholder(given)) throw new RestlakeError("has a placeholder: only an endpoint's own texts are filled in");
});

/** @throws RestlakeError for a URL with credentials. */
const refuseCredentials = (given: string): void => {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || url.username + url.password === "") return;
  throw new RestlakeError("holds a user or a password: no secret belongs into a config");
};

/** A path of a request; `{name}` in it is bound by a parameter. */
export const requestPath = checked(refusePython, refuseCredentials, (given) => parseTemplate(given, { isPath: true }));

/** An address that requests go to. */
export const httpUrl = z
  .url({ protocol: /^https?$/, error: "must be an http or https URL" })
  .superRefine((given, context) => {
    const message = mistake(() => refuseCredentials(given));
    if (message !== null) context.addIssue({ code: "custom", message });
  });

/** Text that is a secret, or names one. */
export const secretText = z.union([secretReference, text]);

/** The same where no placeholder is filled in. */
export const plainSecretText = z.union([secretReference, plainText]);

/** JSON whose texts, keys included, may hold placeholders. */
export const template = <Schema extends z.ZodType>(json: Schema): Schema =>
  json.superRefine((given, context) => {
    for (const { path, text: inner } of textsIn(given)) {
      const message = mistake(() => parseTemplate(inner));
      if (message !== null) context.addIssue({ code: "custom", message, path: [...path] });
    }
  });

/** A value in a query or a form. */
export const scalar = z.union([text, z.number(), z.boolean()]);

/** The same where no placeholder is filled in. */
export const plainScalar = z.union([plainText, z.number(), z.boolean()]);

/** Name of a header or a cookie (RFC 9110, 5.6.2). */
export const httpToken = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
export const headerName = z.string().regex(httpToken, "must be letters, digits and dashes");

/** Name of a header of the request; it may hold placeholders. */
export const headerTemplate = checked((given) => {
  const pieces = parseTemplate(given);
  if (pieces.every((piece) => !("text" in piece) || httpToken.test(piece.text))) return;
  throw new RestlakeError("must be letters, digits and dashes");
}).refine((given) => given !== "", "must not be empty");

/** Seconds, as a number of at least 0. */
export const seconds = z.number().nonnegative();

/** A rule between the keys of an object. */
export interface Rule {
  /** The key that is told to break it. */
  path: string[];
  error: string;
  when: typeof whenObject;
}

/** Such a rule is told beside the mistakes in the keys, and not only once they are mended. */
export const whenObject = ({ value }: { value: unknown }): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** An HTTP status code. */
export const statusCode = z.int().min(100).max(599);

/** A place in a JSON body: keys joined by dots. */
export const bodyKeys = z
  .string()
  .regex(/^[^.$[\]]+(\.[^.$[\]]+)*$/, "must be keys joined by dots, such as paging.next");

/** Where something is found in a response: RFC 9535 JSONPath, the leading `$.` left out or not. */
export const selector = checked((given) => {
  const message = mistake(() => compilePath(given));
  // The text itself is told with every mistake.
  if (message !== null) throw new RestlakeError(message.replace(/^.* is not a JSONPath/s, "must be a JSONPath"));
}).min(1);

/** Says that a value is none of a TypeScript config's functions; the other choices of a union say more. */
export const NO_FUNCTION = "must be a function, in a TypeScript config";

/** Says that a value is neither a function nor made by what was registered. */
export const NOT_REGISTERED = "must be a registered one";

/** A function, which only a TypeScript config can hold. */
export const functionOf = <Type>() =>
  z.custom<Type>((value) => typeof value === "function", { error: NO_FUNCTION }).meta({ functionOnly: true });
