import { isJsonObject, type Json } from "../json.ts";

/**
 * The value at a path of keys joined by dots; `$` (also as a prefix) is the whole.
 *
 * @returns undefined when there is nothing, which is not the same as null.
 */
export const at = (body: Json, path: string): Json | undefined => {
  let current: Json | undefined = body;
  for (const key of path.split(".")) {
    if (key === "$") continue;
    if (!isJsonObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
};
