import type { PageRequest } from "../config/custom-paginator.ts";
import type { Json } from "../json/index.ts";

/**
 * Places values in the request of a page: unchanged at a path in the body, or as text in a query parameter, which repeats for a
 * list. null and undefined are not sent.
 */
export const placeValues = (
  ...values: [param: string | null | undefined, path: string | null | undefined, value: Json | undefined][]
): PageRequest => {
  const params: [string, string | string[]][] = [];
  const body: [string, Json][] = [];
  for (const [param, path, value] of values) {
    if (value == null) continue;
    if (path != null) body.push([path, value]);
    else if (param != null) params.push([param, Array.isArray(value) ? value.map(String) : String(value)]);
  }
  return {
    params: Object.fromEntries(params),
    ...(body.length > 0 && { body: Object.fromEntries(body) }),
  };
};
