import { areComparable, compareCursors } from "../columns/cursor-values.ts";
import { ConfigError } from "../errors/index.ts";
import { isJsonObject, type Json, type JsonObject } from "../json/index.ts";
import type { Window } from "../lake/run-record.ts";
import type { Logger } from "../ports/logger.ts";

/** Options of a start. `{}` joins whatever run is open. */
export interface StartOptions {
  refresh: "full" | null;
  window: Window | null;
  /** Names of resources; null: all. */
  resources: string[] | null;
  new_run: boolean;
}

const KNOWN_KEYS = new Set(["refresh", "window", "resources", "new_run"]);
/** Keys that EventBridge, the console and the state machine add. */
const IGNORED_KEYS = new Set(["Comment", "owner", "dead_owner"]);
/** Unknown keys that a warning names at most. */
const MAX_LOGGED_KEYS = 20;

const isBound = (value: unknown): value is string | number => typeof value === "string" || typeof value === "number";

/** Whether this is an event that EventBridge sends when its target has no input: its `resources` are ARNs. */
const isEnvelope = (event: unknown): boolean => isJsonObject(event) && ("detail" in event || "detail-type" in event);

const found = (value: Json | undefined): string => JSON.stringify(value)?.slice(0, 80) ?? "nothing";

const parseRefresh = (refresh: Json | undefined): StartOptions["refresh"] => {
  if (refresh == null || refresh === "full") return refresh ?? null;
  throw new ConfigError(`invalid start option refresh (${found(refresh)}): set it to "full", or leave it out`);
};

const parseResources = (resources: Json | undefined): StartOptions["resources"] => {
  if (resources == null) return null;
  if (!Array.isArray(resources) || !resources.every((name) => typeof name === "string")) {
    throw new ConfigError(`invalid start option resources (${found(resources)}): set it to a list of resource names`);
  }
  return resources.length === 0 ? null : resources;
};

const parseNewRun = (new_run: Json | undefined): boolean => {
  if (new_run == null || typeof new_run === "boolean") return new_run === true;
  throw new ConfigError(`invalid start option new_run (${found(new_run)}): set it to true or false`);
};

const parseWindow = (window: Json | undefined): Window | null => {
  if (window == null) return null;
  if (!isJsonObject(window) || !isBound(window.start) || !isBound(window.end)) {
    throw new ConfigError(
      `invalid start option window (${found(window)}): set it to {"start": ..., "end": ...}, two cursor values`,
    );
  }
  const { start, end } = window;
  // Other forms are compared with the formats of each resource, when it is loaded.
  if (areComparable(start, end) && compareCursors(start, end) >= 0) {
    throw new ConfigError(`invalid start option window (${start} to ${end}): its start must come before its end`);
  }
  return { start, end };
};

/** Returns the options in an event, and warns of keys that are ignored. */
const optionsIn = (event: unknown, logger: Pick<Logger, "warn">): JsonObject => {
  if (isEnvelope(event)) {
    logger.warn("event ignored", { why: "it is an EventBridge envelope: set an input on the rule's target" });
    return {};
  }
  const options = isJsonObject(event) ? event : {};
  const unknown = Object.keys(options).filter((key) => !KNOWN_KEYS.has(key) && !IGNORED_KEYS.has(key));
  if (unknown.length > 0) logger.warn("event keys ignored", { keys: unknown.slice(0, MAX_LOGGED_KEYS) });
  return options;
};

/**
 * Parses the event of a start. Unknown keys are ignored with a warning, since EventBridge and the console add some.
 *
 * @throws ConfigError for an invalid value of a known key.
 */
export const parseStartOptions = (event: unknown, logger: Pick<Logger, "warn">): StartOptions => {
  const options = optionsIn(event, logger);
  const parsed = {
    refresh: parseRefresh(options.refresh),
    window: parseWindow(options.window),
    resources: parseResources(options.resources),
    new_run: parseNewRun(options.new_run),
  };
  if (parsed.refresh !== null && parsed.window !== null) {
    throw new ConfigError(
      "conflicting start options refresh and window: a window loads nothing else, so set one of them",
    );
  }
  return parsed;
};
