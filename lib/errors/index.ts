/**
 * The error family. `name` is stable: the state machine, the CLI and alarms match on it (DESIGN 11).
 * A message says what happened, where (source, resource, page), and what to do next. No message, cause
 * or stack ever holds a secret: what reaches a log or a caller goes through `lib/secrets/redact.ts`.
 */

/** Where an error happened; every part is optional and is added to the message when it is known. */
export interface Place {
  source?: string;
  resource?: string;
  /** 1-based number of the page within the resource's run. */
  page?: number;
}

/** Parent of every error that restlake throws on purpose. */
export class RestlakeError extends Error {
  override name = "RestlakeError";
  /** Where it happened, as far as it is known. */
  place: Place = {};

  constructor(message: string, { cause, ...place }: Place & { cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.locate(place);
  }

  /** Says where it happened, for code that knows better than the code that threw; the first place stays. */
  locate(place: Place): this {
    const where = [place.source, place.resource].filter(Boolean).join(".");
    if (this.place.source !== undefined || where === "") return this;
    this.place = place;
    this.message = `${where}${place.page === undefined ? "" : `, page ${place.page}`}: ${this.message}`;
    return this;
  }
}

/** The config, the event or an argument is wrong. A retry does not help; editing does. */
export class ConfigError extends RestlakeError {
  override name = "ConfigError";
}

/** A secret is missing, unreadable or has no such field. Helps: putting the value in. */
export class SecretError extends RestlakeError {
  override name = "SecretError";
}

/** The API refused the credentials (401 or 403), also after the secret was fetched anew. Helps: a valid key. */
export class AuthError extends RestlakeError {
  override name = "AuthError";
}

/** The API answered with an error status that is not retried, or was retried in vain; or it cannot be reached. */
export class HttpError extends RestlakeError {
  override name = "HttpError";
}

/** The API kept throttling: `max_retries` in a row without a commit, or a wait over `max_wait`. A later run helps. */
export class ThrottledError extends RestlakeError {
  override name = "ThrottledError";
}

/** The API did not answer within the request timeout, as often as it was asked. A later run may help. */
export class TimeoutError extends RestlakeError {
  override name = "TimeoutError";
}

/** The API answered, but not with what the config describes: no JSON, an error envelope, a body over the cap. */
export class ResponseError extends RestlakeError {
  override name = "ResponseError";
}

/** `data_selector` matches nothing in the response. Helps: mending the selector; the run goes on from there. */
export class SelectorError extends RestlakeError {
  override name = "SelectorError";
}

/** A page equals the one before it: the paginator does not move. Helps: another `base_page` or paginator. */
export class RepeatedPageError extends RestlakeError {
  override name = "RepeatedPageError";
}

/** A row breaks its schema: a null where `nullable: false`, or a change that `schema_contract` freezes. */
export class SchemaContractError extends RestlakeError {
  override name = "SchemaContractError";
}

/** What is stored about a run cannot be used with this config, or is corrupt. Helps: `new_run`. */
export class CheckpointError extends RestlakeError {
  override name = "CheckpointError";
}

/** Not one page fits into the time budget. Helps: a longer Lambda timeout or smaller pages. */
export class BudgetTooSmallError extends RestlakeError {
  override name = "BudgetTooSmallError";
}

/** The log is not a chain: a part does not follow from the one before it. Never helped by a retry; see the docs. */
export class CommitConflictError extends RestlakeError {
  override name = "CommitConflictError";
}

/** A child was reached without its parent's manifest of this run. Helps: what helps the parent. */
export class ParentError extends RestlakeError {
  override name = "ParentError";
}

/** The bucket cannot be used: missing, access denied, or failing after the SDK's own retries. */
export class StorageError extends RestlakeError {
  override name = "StorageError";
}

/** `finish` fails the execution with it: some resources of the run are not done. A redrive or the next start goes on. */
export class RunFailedError extends RestlakeError {
  override name = "RunFailedError";
}
