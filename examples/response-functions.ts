/**
 * A function in response_actions gets every response before it is used, and can change it. This API puts a line before its
 * JSON, so that browsers cannot run it as a script. The function removes that line.
 */
import { defineSource, type ResponseFunction } from "../lib/config/index.ts";

const PREFIX = ")]}',\n";

const withoutPrefix: ResponseFunction = ({ text }) =>
  text.startsWith(PREFIX) ? { text: text.slice(PREFIX.length) } : undefined;

export const source = defineSource({
  name: "example_response_functions",
  client: { base_url: "https://api.example.com" },
  resources: [{ name: "books", endpoint: { path: "legacy/books", response_actions: [withoutPrefix] } }],
});
