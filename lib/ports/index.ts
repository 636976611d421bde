import type { Bucket } from "./bucket.ts";
import type { Clock } from "./clock.ts";
import type { Logger } from "./logger.ts";
import type { Redactor } from "./redactor.ts";
import type { Secrets } from "./secrets.ts";

/** All side effects of a run. Tests count, fail and replay each of them. */
export interface Ports {
  bucket: Bucket;
  secrets: Secrets;
  fetch: typeof fetch;
  clock: Clock;
  logger: Logger;
  redactor: Redactor;
}
