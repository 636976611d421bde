import { z } from "zod";
import type { ResponseFunction } from "../callbacks.ts";
import { ENDPOINT_DEFAULTS } from "../defaults.ts";
import { auth } from "./auth-types.ts";
import { endpointConcurrency, errorHandler } from "./client-config.ts";
import { incremental, incrementalParam } from "./incremental-config.ts";
import { paginator } from "./paginator-types.ts";
import {
  fieldName,
  functionOf,
  headerTemplate,
  optionalSelector,
  requestPath,
  scalar,
  secretReference,
  secretText,
  selector,
  statusCode,
  template,
  text,
  typeKey,
  whenObject,
  withDefault,
  withDefaultNote,
} from "./primitives.ts";

/** dlt's older form of a child: `{sellable_id}` in the path is bound to a field of the parent's row. */
export const resolveParam = z
  .strictObject({
    type: typeKey("resolve"),
    resource: z.string().min(1).describe("Name of the parent resource."),
    field: selector
      .refine((field) => !/[{}]/.test(field), "braces in a field: write the JSONPath without them")
      .describe("JSONPath of a field in the parent's row."),
  })
  .describe("An older form of a placeholder in dlt: binds `{name}` in the path to a field of the parent's row.");

const parameterValue = z.union([
  z.discriminatedUnion("type", [resolveParam, incrementalParam]),
  secretReference,
  scalar,
  z.array(scalar),
  z.null(),
]);

const formValue = z.union([secretReference, scalar, z.array(scalar), z.null()]);

/** Action for the responses with a status, a content, or both. */
export const responseAction = z
  .strictObject({
    status_code: statusCode.optional().describe("Status code of the response."),
    content: z.string().min(1).optional().describe("Text that the response body contains."),
    action: z
      .union([
        z.enum(["ignore", "retry", "fail"]),
        functionOf<ResponseFunction>(),
        z.array(functionOf<ResponseFunction>()).min(1),
      ])
      .describe(
        "`ignore` treats the response as the last page, without rows. `retry` retries the request as after a failure. `fail` is an error that quotes the response. Functions inspect or replace the response.",
      ),
  })
  .refine(({ status_code, content }) => status_code !== undefined || content !== undefined, {
    error:
      "action without a condition: set status_code or content, or list the function itself to apply it to every response",
    when: whenObject,
  });

/** One endpoint. null resets a value of resource_defaults. */
export const endpoint = z
  .strictObject({
    path: withDefaultNote(requestPath.nullish(), "the resource's `name`").describe(
      "Path that is appended to `base_url`, or an absolute URL that replaces it. May contain placeholders.",
    ),
    method: withDefault(z.enum(["GET", "POST"]).nullish(), ENDPOINT_DEFAULTS.method).describe("HTTP method."),
    params: z
      .record(text, parameterValue)
      .nullish()
      .describe(
        "Query parameters. `null` removes one, a list sends it several times. A parameter that the path contains as `{name}` is inserted there instead.",
      ),
    json: template(z.union([z.record(z.string(), z.json()), z.array(z.json())]))
      .nullish()
      .describe("JSON body."),
    data: z
      .union([z.record(text, formValue), z.array(z.tuple([text, formValue], "expected pair of name and value")), text])
      .nullish()
      .describe(
        "Form body, as an object or a list of pairs, or any other body as a string. A list of values sends a field several times. Excludes `json`.",
      ),
    headers: z
      .record(headerTemplate, z.union([secretText, z.null()]))
      .nullish()
      .describe("Headers, in addition to the client's. `null` removes one of the client's."),
    auth: withDefaultNote(auth.nullish(), "the client's").describe(
      "Authentication of this endpoint. `null` sends none.",
    ),
    send_auth: withDefault(z.boolean().nullish(), ENDPOINT_DEFAULTS.send_auth).describe(
      "Whether an absolute `path` to another origin than `base_url` gets the auth, and the headers and parameters with secrets, of the client and `resource_defaults`. Not in dlt.",
    ),
    paginator: withDefaultNote(
      paginator.nullish(),
      "the client's; `single_page` if the path ends in a placeholder",
    ).describe("Pagination of this endpoint."),
    data_selector: withDefaultNote(optionalSelector.nullish(), "detected in each response").describe(
      "JSONPath of the rows in the response. An empty string detects them, also where the path ends in a placeholder.",
    ),
    key_column: fieldName
      .nullish()
      .describe(
        'For records keyed by id, `{"17": {...}, "18": {...}}`: the object at `data_selector` has a row in each entry, and this column gets its key. Not in dlt.',
      ),
    on_missing_data: withDefault(z.enum(["fail", "empty"]).nullish(), ENDPOINT_DEFAULTS.on_missing_data).describe(
      "Treatment of a response that lacks the key of the rows, such as `{}`: an error, or with `empty` no rows, for APIs that leave out the key of an empty list. Not in dlt.",
    ),
    response_actions: z
      .array(z.union([responseAction, functionOf<ResponseFunction>()]))
      .nullish()
      .describe("Actions for responses that need special treatment, in order."),
    response_format: withDefaultNote(z.enum(["json", "jsonl", "csv"]).nullish(), "detected in each response").describe(
      "Format of the response: JSON, JSON Lines (one JSON value per line), or CSV whose first line names the columns. The values of CSV are text; `columns` declares other types. Not in dlt.",
    ),
    incremental: incremental.nullish(),
    error_handler: withDefaultNote(errorHandler.nullish(), "the client's"),
    max_concurrency: endpointConcurrency,
  })
  .refine(({ json, data }) => json == null || data == null, {
    path: ["data"],
    error: "conflicts with json: keep one body",
    when: whenObject,
  })
  .describe("One endpoint of the API. `null` resets a value of `resource_defaults`.");
