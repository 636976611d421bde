import { compareCursors } from "../columns/cursor-values.ts";
import { ConfigError } from "../errors/index.ts";
import { isJsonObject } from "../json/index.ts";
import type { Window } from "../lake/run-record.ts";
import type { Logger } from "../ports/logger.ts";

/** What a start may wish for; `{}` wishes for nothing and joins whatever run is open. */
export interface StartOptions {
  refresh: "full" | null;
  window: Window | null;
  /** null: all. */
  resources: string[] | null;
  new_run: boolean;
}

const KNOWN_KEYS = new Set(["refresh", "window", "resources", "new_run"]);
/** What EventBridge, the console and the machine send along. */
const HARMLESS_KEYS = new Set(["Comment", "owner", "dead_owner"]);

const isBound = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";

/** What EventBridge sends when a rule's target has no input of its own: its `resources` are ARNs, not ours. */
const isEnvelope = (event: unknown): boolean => isJsonObject(event) && ("detail" in event || "detail-type" in event);

/**
 * Reads a start's event by hand: `{}` works, unknown keys warn and do not fail (DESIGN 2), known keys must be right.
 *
 * @throws ConfigError naming the key and what it may be.
 */
export const parseStartOptions = (event: unknown, log: Pick<Logger, "warn">): StartOptions => {
  const given = isJsonObject(event) && !isEnvelope(event) ? event : {};
  if (isEnvelope(event)) log.warn("event ignored", { why: "it is an EventBridge envelope: give the target an input" });
  const unknown = Object.keys(given).filter((key) => !KNOWN_KEYS.has(key) && !HARMLESS_KEYS.has(key));
  if (unknown.length > 0) log.warn("event keys ignored", { keys: unknown.slice(0, 20) });
  const { refresh = null, window = null, resources = null, new_run } = given;
  if (refresh !== null && refresh !== "full") throw new ConfigError('event.refresh must be "full", or be left out');
  if (resources !== null && !(Array.isArray(resources) && resources.every((name) => typeof name === "string"))) {
    throw new ConfigError("event.resources must be a list of resource names");
  }
  if (new_run != null && typeof new_run !== "boolean") throw new ConfigError("event.new_run must be true or false");
  let parsedWindow: Window | null = null;
  if (window !== null) {
    if (!isJsonObject(window) || !isBound(window.start) || !isBound(window.end)) {
      throw new ConfigError('event.window must be {"start": ..., "end": ...}, two cursor values');
    }
    if (compareCursors(window.start, window.end) >= 0) {
      throw new ConfigError("event.window holds nothing: its start must lie before its end");
    }
    parsedWindow = { start: window.start, end: window.end };
  }
  if (refresh !== null && parsedWindow !== null) {
    throw new ConfigError("event.refresh and event.window exclude each other: a window leaves everything else alone");
  }
  return {
    refresh,
    window: parsedWindow,
    resources: resources === null || resources.length === 0 ? null : (resources as string[]),
    new_run: new_run === true,
  };
};
