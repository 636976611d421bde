import { z } from "zod";

/** Names of sources, resources and tables (DESIGN 4): what S3 keys, SQL and Lambda all accept. */
export const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, "must match ^[a-z][a-z0-9_]{0,62}$ (lower case, digits, underscores)");

/** Names of resources. `run` would share its state's key with the open run (DESIGN 4). */
export const resourceName = identifier.refine((name) => name !== "run", {
  error: "is reserved: name the resource otherwise and give it table_name: run",
});

/** `{ secret: "api_key" }`: a field of the source's secret. */
export const secretReference = z.strictObject({ secret: z.string().min(1) });

/** Text that is sent as it is. dlt's placeholders would be sent as they are, too, and nobody would notice. */
export const literalText = z.string().refine((text) => !/\{(resources|incremental)\./.test(text), {
  error: "has a placeholder, which is not filled here: bind the path with type: resolve, use incremental.start_param",
});

/** Text that is a secret, or names one. */
export const secretText = z.union([secretReference, literalText]);

/** A value that a query parameter or a header may have. null drops it. */
export const scalar = z.union([literalText, z.number(), z.boolean(), z.null()]);

/** Name of a header or a cookie (RFC 9110, 5.6.2). */
export const httpToken = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
export const headerName = z.string().regex(httpToken, "must be letters, digits and dashes");

/** Seconds, as a number of at least 0. */
export const seconds = z.number().nonnegative();

/** An HTTP status code. */
export const statusCode = z.int().min(100).max(599);

/** Where something is found in a response: keys joined by dots, `$` for the whole. */
export const selector = z
  .string()
  .regex(/^(\$|(\$\.)?[^.[\]*$]+(\.[^.[\]*$]+)*)$/, "must be keys joined by dots, such as data or result.items, or $");
