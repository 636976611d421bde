/** What comes along when a config is pasted from Python, and what is meant by it. */

/** dlt's classes, whose instances and names mean a `type` here. */
const CLASSES: Record<string, string> = {
  APIKeyAuth: "api_key",
  ApiKeyAuth: "api_key",
  BearerTokenAuth: "bearer",
  HttpBasicAuth: "http_basic",
  OAuth2ClientCredentials: "oauth2_client_credentials",
  HeaderCursorPaginator: "header_cursor",
  HeaderLinkPaginator: "header_link",
  JSONLinkPaginator: "json_link",
  JSONResponseCursorPaginator: "cursor",
  JSONResponsePaginator: "json_link",
  OffsetPaginator: "offset",
  PageNumberPaginator: "page_number",
  SinglePagePaginator: "single_page",
};

/** The `type` that a text such as `PageNumberPaginator(base_page=1)` means. */
export const pythonClass = (text: string): string | undefined =>
  Object.entries(CLASSES).find(([name]) => new RegExp(`\\b${name}\\b`).test(text))?.[1];

/** A field of the secret that a text names: the `x` of `dlt.secrets["sources.shop.x"]`. */
export const pythonSecret = (text: string): string | undefined =>
  /^dlt\.secrets\b\W*(?:\w+\.)*(?!value\b)([A-Za-z]\w*)\W*$/.exec(text)?.[1];

/**
 * What is wrong with a text that refers to dlt's own config, and would be sent as it is; null when it does not.
 *
 * @param usual the field of the secret when the text names none.
 */
export const pythonReference = (text: string, usual = "..."): string | null => {
  if (/^dlt\.config\b/.test(text)) return "is Python: write the value itself";
  if (!/^dlt\.secrets\b/.test(text)) return null;
  const field = JSON.stringify(pythonSecret(text) ?? usual);
  return `is Python: write secret(${field}), in JSON {"secret": ${field}}`;
};

/** Keys of dlt's that restlake has not: what to do instead, and a key beside which they would stand. */
export const ADVICE: Record<string, { say: string; beside?: string }> = {
  $schema: { say: "it stands at the top of a JSON or YAML config, and nowhere else." },
  access_token: { beside: "access_token_url", say: "a token is always asked for, so leave it out." },
  allow_external_schedulers: { beside: "cursor_path", say: "it is Airflow's. Start a run with a window instead." },
  session: {
    say: "an HTTP session is Python's. Use headers, an auth of your own, error_handler and the setting request_timeout.",
  },
  transform: { beside: "convert", say: "it is the older name of convert." },
};
