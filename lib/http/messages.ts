import type { Body } from "../config/resolved.ts";
import type { Json } from "../json/index.ts";
import type { SecretReference } from "../secrets/reference.ts";

/** Request of a page before auth: placeholders are filled in, secrets are not. */
export interface HttpRequest {
  method: "GET" | "POST";
  url: URL;
  /** Names in any case: two names that differ only in case are one header. */
  headers: Record<string, string | SecretReference>;
  /** Query parameters with secret values; all other parameters are in the URL. */
  secret_params: Record<string, SecretReference>;
  /** Secrets by their place in the URL, which is `$name$`. */
  path_secrets?: Record<string, SecretReference>;
  body: Body | null;
}

/** Successful response to a request. */
export interface HttpResponse {
  body: Json;
  headers: Headers;
  status: number;
  /** Size of the body after decompression. */
  bytes: number;
  /** Whether it is a 204, or a response action ignores it: it counts as the last page and has no rows. */
  ignored: boolean;
}
