import { PAGINATOR_DEFAULTS } from "../../lib/config/defaults.ts";
import type { AddedValue, ProcessingStep, ResolvedAuth } from "../../lib/config/resolved.ts";
import { stringifyJson } from "../../lib/json/index.ts";
import { maskUrl } from "../../lib/secrets/redact.ts";
import { secretsIn } from "../../lib/secrets/reference.ts";
import { keepTogether } from "../wrap-text.ts";
import { shownValue } from "./request-line.ts";

/** Returns where an auth sends its secret, or gets its token. */
const placeText = (auth: Exclude<ResolvedAuth, (...given: never) => unknown>): string => {
  const { name, location, access_token_url, login_url } = auth as Record<string, unknown>;
  if (auth.type === "api_key") return ` in the ${location} ${name}`;
  if (auth.type === "session_token") return ` in the ${location} ${name}, from ${maskUrl(String(login_url))}`;
  return typeof access_token_url === "string" ? ` from ${maskUrl(access_token_url)}` : "";
};

/** Returns an auth in one line: its type, place and secrets. Other options of a registered auth may be keys. */
export const authText = (auth: ResolvedAuth | null): string => {
  if (auth === null) return "none";
  if (typeof auth === "function") return "a function";
  const secrets = secretsIn(auth);
  return `${auth.type}${placeText(auth)}${secrets.length === 0 ? "" : `, secret ${secrets.join(", ")}`}`;
};

/** Returns a paginator with its options: `page_number: base_page 1, page_param page`. */
export const paginatorText = ({ type, ...options }: { type: string }): string => {
  const defaults: object = PAGINATOR_DEFAULTS[type as keyof typeof PAGINATOR_DEFAULTS] ?? {};
  const isUsual = ([key, value]: [string, unknown]) =>
    key.startsWith("stop_after_") && (defaults as Record<string, unknown>)[key] === value;
  const texts = Object.entries(options)
    .filter((option) => option[1] != null && !isUsual(option))
    .map(([key, value]) =>
      keepTogether(key, typeof value === "string" ? shownValue(key, value) : JSON.stringify(value)),
    );
  return [type, texts.join(", ")].filter(Boolean).join(": ");
};

const addedText = (added: AddedValue): string => {
  if ("path" in added) return `from ${added.path}`;
  return "text" in added ? JSON.stringify(added.text) : stringifyJson(added.value);
};

/** Returns a processing step in one line: `remove email, phone`; the name of the key for a function. */
export const stepText = (step: ProcessingStep): string => {
  if ("remove" in step) return `remove ${step.remove.join(", ")}`;
  if ("rename" in step) {
    const names = Object.entries(step.rename).map(([path, name]) => keepTogether(path, "to", name));
    return `rename ${names.join(", ")}`;
  }
  if ("add" in step) {
    const fields = Object.entries(step.add).map(([name, added]) => keepTogether(name, addedText(added)));
    return `add ${fields.join(", ")}`;
  }
  return "filter" in step && typeof step.filter === "string" ? `filter ${step.filter}` : (Object.keys(step)[0] ?? "");
};
