/** Detects Python syntax in configs that are pasted from dlt, and suggests what to write instead. */

/** dlt's classes, by the `type` that they correspond to. */
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

/** Returns the `type` for a string such as `PageNumberPaginator(base_page=1)`. */
export const pythonClass = (text: string): string | undefined =>
  Object.entries(CLASSES).find(([name]) => new RegExp(`\\b${name}\\b`).test(text))?.[1];

/** Returns the field of the secret that a string names: the `x` of `dlt.secrets["sources.shop.x"]`. */
export const pythonSecret = (text: string): string | undefined =>
  /^dlt\.secrets\b\W*(?:\w+\.)*(?!value\b)([A-Za-z]\w*)\W*$/.exec(text)?.[1];

/** Returns how a secret reference is written: `secret("x"), or {"secret": "x"} in JSON and YAML`. */
export const secretSyntax = (field: string): string => {
  const name = JSON.stringify(field);
  return `secret(${name}), or {"secret": ${name}} in JSON and YAML`;
};

/**
 * Returns the error of a string that refers to dlt's own config, and would otherwise be sent literally; null if it does not.
 *
 * @param usual field of the secret if the text names none.
 */
export const pythonReference = (text: string, usual = "..."): string | null => {
  if (/^dlt\.config\b/.test(text)) return "dlt.config is Python syntax: write the value itself";
  if (!/^dlt\.secrets\b/.test(text)) return null;
  return `dlt.secrets is Python syntax: use ${secretSyntax(pythonSecret(text) ?? usual)}`;
};

/** Advice for keys of dlt that restlake does not have. With `beside`, it applies only to objects that allow that key. */
export const ADVICE: Record<string, { advice: string; beside?: string }> = {
  $schema: { advice: "it is allowed only at the top level of a JSON or YAML config." },
  allow_external_schedulers: {
    beside: "cursor_path",
    advice: "remove it, it is for Airflow only. Start a run with a window instead.",
  },
  session: {
    advice:
      "HTTP sessions exist in Python only. Use headers, a custom auth, error_handler or the setting request_timeout.",
  },
  transform: { beside: "convert", advice: "it is an older name of convert." },
};
