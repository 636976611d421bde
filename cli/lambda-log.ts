import { isJsonObject, type Json, type JsonObject } from "../lib/json/index.ts";
import { styled } from "./terminal.ts";

/** Fields of Powertools' logger that are the same in every line on one machine, or are printed at a fixed place. */
const HIDDEN_FIELDS = new Set([
  ...["service", "cold_start", "sampling_rate", "xray_trace_id"],
  ...["timestamp", "level", "message", "source", "resource", "run_id"],
]);

const isShown = ([key]: [string, Json]): boolean => !HIDDEN_FIELDS.has(key) && !key.startsWith("function_");

const fieldText = ([key, value]: [string, Json]): string =>
  `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`;

const parse = (line: string): JsonObject | null => {
  try {
    const value = JSON.parse(line) as Json;
    return isJsonObject(value) ? value : null;
  } catch {
    // Printed by serverless-offline itself.
    return null;
  }
};

/** Formats esbuild's message about a file that cannot be bundled, and the line with its place. */
const bundlingText = (line: string): string | null => {
  const [, message] = /^✘ \[ERROR\] (.*?)(?: \[plugin [\w-]+\])?$/.exec(line) ?? [];
  if (message !== undefined) return `${styled("red", "ERROR")} ${message}`;
  const [, place] = /^ {4}(\S+:\d+:\d+):$/.exec(line) ?? [];
  return place === undefined ? null : `      in ${place}`;
};

/**
 * Formats a log line of a Lambda as time, level, resource and message; an error includes its stack. Formats esbuild's
 * errors as well.
 *
 * @returns null for every other line: metrics, and what serverless-offline prints itself.
 */
export const logText = (line: string): string | null => {
  const entry = line.startsWith("{") ? parse(line) : null;
  if (entry === null || typeof entry.message !== "string" || typeof entry.level !== "string") {
    return bundlingText(line);
  }
  const { timestamp, level, message, source, resource, error, ...rest } = entry;
  const place = [source, resource].filter((part) => typeof part === "string").join(".");
  const words = [
    String(timestamp).slice(11, 23),
    level === "ERROR" ? styled("red", level) : level.padEnd(5),
    place,
    message,
    ...Object.entries(rest).filter(isShown).map(fieldText),
  ];
  const stack = isJsonObject(error) && typeof error.stack === "string" ? `\n${error.stack}` : "";
  return words.filter((word) => word !== "").join(" ") + stack;
};
