import { isJsonObject, type Json, type JsonObject } from "./index.ts";

const hasText = (object: JsonObject, keys: string[]): boolean => keys.some((key) => typeof object[key] === "string");

/** Whether a value is a list of links about the response, such as `[{ "rel": "next", "href": "/p2" }]`, and not of rows. */
export const isLinkList = (key: string, value: Json): boolean =>
  /^_?links?$/i.test(key) &&
  Array.isArray(value) &&
  value.every(
    (item) => isJsonObject(item) && hasText(item, ["rel", "relation"]) && hasText(item, ["href", "url", "uri"]),
  );
