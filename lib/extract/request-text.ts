import type { ResolvedResource } from "../config/resolved.ts";
import { RestlakeError } from "../errors/index.ts";
import type { HttpRequest } from "../http/client.ts";
import type { Redactor } from "../ports/redactor.ts";
import { MASK } from "../secrets/redact.ts";
import type { ParentRow } from "./prefetch-plan.ts";
import { parentKey } from "./skip-parent.ts";

/** Maximum length of a URL in a message. */
const MAX_URL = 200;

const urlText = (
  { url, path_secrets = {} }: Pick<HttpRequest, "url" | "path_secrets">,
  redactor: Pick<Redactor, "redact">,
): string => {
  const href = Object.keys(path_secrets).reduce((text, place) => text.replaceAll(place, MASK), url.href);
  // Secrets are masked before the URL is cut: half a key at the cut would not be recognized.
  const text = redactor.redact(href);
  return text.length > MAX_URL ? `${text.slice(0, MAX_URL - 3)}...` : text;
};

/**
 * Returns a request for a message, with secrets masked: `GET https://.../posts/2/tags for the row of posts with id=2`.
 *
 * @param request builds it. Where it cannot be built, only the row is named.
 */
export const describeRequest = (
  resource: ResolvedResource,
  parent: ParentRow | null,
  redactor: Pick<Redactor, "redact">,
  request: () => HttpRequest,
): string | null => {
  const row =
    parent === null ? null : `the row of ${resource.parent?.resource} with ${parentKey(resource, parent, redactor)}`;
  try {
    const { method, ...target } = request();
    return `${method} ${urlText(target, redactor)}${row === null ? "" : ` for ${row}`}`;
  } catch (error) {
    if (error instanceof RestlakeError) return row;
    throw error;
  }
};
