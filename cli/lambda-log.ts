import { styleText } from "node:util";
import { isJsonObject, type Json, type JsonObject } from "../lib/json/index.ts";

/** What Powertools puts into every line, and says nothing on one's own machine. */
const SAME_IN_EVERY_LINE = ["service", "cold_start", "sampling_rate", "xray_trace_id", "timestamp", "level", "message"];

const isOwn = ([key]: [string, Json]): boolean =>
  !SAME_IN_EVERY_LINE.includes(key) &&
  !key.startsWith("function_") &&
  key !== "source" &&
  key !== "resource" &&
  key !== "run_id";

const fieldText = ([key, value]: [string, Json]): string =>
  `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`;

const parse = (line: string): JsonObject | null => {
  try {
    const value = JSON.parse(line) as Json;
    return isJsonObject(value) ? value : null;
  } catch {
    // Not of a Lambda: serverless-offline's own words.
    return null;
  }
};

/** What esbuild says of a source that was saved with a mistake in it, and in the next lines of the place. */
const bundlingText = (line: string): string | null => {
  const [, mistake] = /^✘ \[ERROR\] (.*?)(?: \[plugin [\w-]+\])?$/.exec(line) ?? [];
  if (mistake !== undefined) return `${styleText("red", "ERROR")} ${mistake}`;
  const [, place] = /^ {4}(\S+:\d+:\d+):$/.exec(line) ?? [];
  return place === undefined ? null : `      in ${place}`;
};

/**
 * A line that a Lambda logged, for people: when, where, what. An error with its stack. And what cannot be bundled.
 *
 * @returns null for everything else: metrics, serverless-offline's own words.
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
    level === "ERROR" ? styleText("red", level) : level.padEnd(5),
    place,
    message,
    ...Object.entries(rest).filter(isOwn).map(fieldText),
  ];
  const stack = isJsonObject(error) && typeof error.stack === "string" ? `\n${error.stack}` : "";
  return words.filter((word) => word !== "").join(" ") + stack;
};
