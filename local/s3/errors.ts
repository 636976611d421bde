/** An error response. `status` and `code` are those of S3, so that the SDK throws the same errors as on AWS. */
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

/** Error for anything that the emulator does not implement. Ignoring a condition or an option would be worse. */
export function notImplemented(what: string): S3Error {
  return new S3Error(501, "NotImplemented", `The local S3 emulator does not implement ${what}.`);
}

/** Returns the `code` of a file system error (`ENOENT`, `EEXIST` ...); undefined for any other value. */
export function fsCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
