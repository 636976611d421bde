/** An answer with S3's XML error body: `status` and `code` are S3's own, so that the SDK throws what it throws on AWS. */
export class S3Error extends Error {
  override name = "S3Error";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export function noSuchKey(): S3Error {
  return new S3Error(404, "NoSuchKey", "The specified key does not exist.");
}

export function preconditionFailed(): S3Error {
  return new S3Error(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
}

export function accessDenied(): S3Error {
  return new S3Error(403, "AccessDenied", "Access Denied");
}

export function invalidArgument(message: string): S3Error {
  return new S3Error(400, "InvalidArgument", message);
}

/** What the stand-in does not do is refused: a condition or option silently ignored is worse than none. */
export function notImplemented(what: string): S3Error {
  return new S3Error(501, "NotImplemented", `The local S3 stand-in does not implement ${what}.`);
}

/** The `code` of a file system error (`ENOENT`, `EEXIST` ...), or undefined for any other thing thrown. */
export function fsCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
