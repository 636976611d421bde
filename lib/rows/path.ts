import { isJsonObject, type Json } from "../json.ts";

/** The value at a path of keys; undefined when there is nothing, which is not the same as null. */
export const atKeys = (body: Json, keys: string[]): Json | undefined => {
  let current: Json | undefined = body;
  for (const key of keys) {
    if (!isJsonObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current;
};

/** The keys of a path: joined by dots; `$` (also as a prefix) is the whole. */
export const keysOf = (path: string): string[] => path.split(".").filter((key) => key !== "$");

/** The value at a path of keys joined by dots; undefined when there is nothing, which is not the same as null. */
export const at = (body: Json, path: string): Json | undefined => atKeys(body, keysOf(path));
