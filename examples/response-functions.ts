/**
 * A function among the response actions looks at an answer before anything is made of it, and may change it. This API
 * puts a line before its JSON, so that browsers cannot run it as a script; here that line is taken away.
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
