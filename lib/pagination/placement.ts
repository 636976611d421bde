import type { PageRequest } from "../config/custom-paginator.ts";
import type { Json } from "../json/index.ts";

/**
 * Puts values where the config wants them: at a path in the body, as they are, or into a query parameter, as text; a
 * list as the parameter several times. A value that is missing is not sent.
 */
export const placed = (
  ...values: [param: string | null | undefined, path: string | null | undefined, value: Json | undefined][]
): PageRequest => {
  const params: Record<string, string | string[]> = {};
  const body: Record<string, Json> = {};
  for (const [param, path, value] of values) {
    if (value == null) continue;
    if (path != null) body[path] = value;
    else if (param != null) params[param] = Array.isArray(value) ? value.map(String) : String(value);
  }
  return Object.keys(body).length === 0 ? { params } : { params, body };
};
