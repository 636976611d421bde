/**
 * Error classes. Each `name` is stable: the state machine, the CLI and alarms match on it. `next-step.ts` says when each class
 * is thrown and what to do. A message is `<what is wrong> (<what was found>): <what to do>`. Secrets in messages, causes and
 * stacks are masked by the redactor (`lib/secrets/redact.ts`) before they reach a log or a caller.
 */

/** Place of an error. Every field is optional; those that are known become part of the message. */
export interface Place {
  source?: string;
  resource?: string;
  /** 1-based number of the page within the resource's run. */
  page?: number;
  /** Method and URL of the request with secrets masked, and the row of the parent that it is for. */
  request?: string;
}

/** Base class of every error that restlake throws on purpose. */
export class RestlakeError extends Error {
  override name = "RestlakeError";
  /** Place of the error, as far as it is known. */
  place: Place = {};

  constructor(message: string, { cause, ...place }: Place & { cause?: unknown } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.locate(place);
  }

  /** Notes the request that failed, for a caller that knows the rest of the place. Keeps an existing request. */
  during(request: string): this {
    this.place = { request, ...this.place };
    return this;
  }

  /** Adds what to do to a message that does not say it. */
  advise(advice: string): this {
    this.message = `${this.message}: ${advice}`;
    return this;
  }

  /** Adds the place to an error that has none, for callers that know more than the code that threw. Keeps an existing place. */
  locate(place: Place): this {
    const name = [place.source, place.resource].filter(Boolean).join(".");
    if (this.place.source !== undefined || name === "") return this;
    this.place = { ...this.place, ...place };
    const { page, request } = this.place;
    const where = [name, page !== undefined && `page ${page}`, request].filter(Boolean).join(", ");
    this.message = `${where}: ${this.message}`;
    return this;
  }
}

/** Base class of errors that a response of the API may cause. */
class ResponseStatusError extends RestlakeError {
  /** Status of the API's response; null when there was none, or when it came from another server. */
  readonly status: number | null;

  constructor(message: string, { status = null, ...options }: StatusOptions = {}) {
    super(message, options);
    this.status = status;
  }
}

/** Options of an error with a status. */
export type StatusOptions = Place & { cause?: unknown; status?: number | null };

/** Invalid input: config, event or argument. */
export class ConfigError extends RestlakeError {
  override name = "ConfigError";
}

/** Missing or unreadable secret. */
export class SecretError extends RestlakeError {
  override name = "SecretError";
}

/** Rejected credentials. */
export class AuthError extends ResponseStatusError {
  override name = "AuthError";
}

/** Error status or failed connection. */
export class HttpError extends ResponseStatusError {
  override name = "HttpError";
}

/** Rate limit that outlasts the retries. */
export class ThrottledError extends RestlakeError {
  override name = "ThrottledError";
}

/** Response that is too slow. */
export class TimeoutError extends RestlakeError {
  override name = "TimeoutError";
}

/** Response that cannot be used. */
export class ResponseError extends RestlakeError {
  override name = "ResponseError";
}

/** Response without the selected rows. */
export class SelectorError extends RestlakeError {
  override name = "SelectorError";
}

/** Rows that the API has, by what it said, and that could not be read. */
export class IncompleteError extends RestlakeError {
  override name = "IncompleteError";
}

/** Pagination that does not advance. */
export class RepeatedPageError extends RestlakeError {
  override name = "RepeatedPageError";
}

/** Row or column that the table's schema does not allow. */
export class SchemaContractError extends RestlakeError {
  override name = "SchemaContractError";
}

/** Unusable stored state. */
export class CheckpointError extends RestlakeError {
  override name = "CheckpointError";
}

/** Time budget that is shorter than one page takes. */
export class BudgetTooSmallError extends RestlakeError {
  override name = "BudgetTooSmallError";
}

/** Broken commit log. */
export class CommitConflictError extends RestlakeError {
  override name = "CommitConflictError";
}

/** Child resource whose parent is not complete. */
export class ParentError extends RestlakeError {
  override name = "ParentError";
}

/** Unusable bucket. */
export class StorageError extends RestlakeError {
  override name = "StorageError";
}

/** Run with failed resources. */
export class RunFailedError extends RestlakeError {
  override name = "RunFailedError";
}
