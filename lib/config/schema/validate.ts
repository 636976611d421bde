import { ConfigError } from "../../errors/index.ts";
import { errorsBetween } from "../resolve.ts";
import { type ConfigPath, pathText, type ValidationError } from "../validation-errors.ts";
import { type SourceConfig, sourceConfig, sourceSettings } from "./index.ts";
import { issuesOf } from "./issues.ts";

type Loose = Record<PropertyKey, unknown> | null | undefined;

const PROTOTYPE = "__proto__";

/** Whether a path of a value exists. */
const has = (value: unknown, path: ConfigPath): boolean =>
  path.reduce<unknown>(
    (current, key) =>
      typeof current === "object" && current !== null && Object.hasOwn(current, key)
        ? (current as Loose)?.[key]
        : undefined,
    value,
  ) !== undefined;

/** Returns where an error of a resource is written: in the resource, or in a part that it shares with others. */
const placeOf = (config: SourceConfig, resource: number, path: ConfigPath): { place: string; isShared: boolean } => {
  const own = config.resources[resource];
  const [head, ...rest] = path;
  const here = (inner: ConfigPath) => ({ place: pathText(["resources", resource, ...inner]), isShared: false });
  if (has(own, path)) return here(path);
  const isPath = head === "endpoint" && rest[0] === "path";
  // A string is short for an endpoint with that path.
  const isShort = typeof own === "object" && typeof own.endpoint === "string";
  if (isPath && isShort) return here(["endpoint"]);
  // The path of resource_defaults has no effect.
  if (!isPath && has(config.resource_defaults, path))
    return { place: pathText(["resource_defaults", ...path]), isShared: true };
  if (head === "endpoint" && rest.length > 0 && has(config.client, rest)) {
    return { place: pathText(["client", ...rest]), isShared: true };
  }
  return here(path.filter((_key, index) => has(own, path.slice(0, index + 1))));
};

const nameOf = (config: SourceConfig, resource: number): string => {
  const given = config.resources[resource];
  return typeof given === "string" ? given : String(given?.name);
};

/** Returns one line for each error. An error in a shared part is one line that names the resources. */
export const errorLines = (config: SourceConfig, errors: ValidationError[]): string[] => {
  const lines = new Map<string, { place: string; message: string; resources: string[] }>();
  for (const { resource, path, message } of errors) {
    const { place, isShared } =
      resource === null ? { place: pathText(path), isShared: false } : placeOf(config, resource, path);
    const key = `${place}: ${message}`;
    const line = lines.get(key) ?? { place, message, resources: [] };
    lines.set(key, line);
    if (isShared && resource !== null) line.resources.push(nameOf(config, resource));
  }
  return [...lines.values()].map(({ place, message, resources }) =>
    resources.length === 0 ? `${place}: ${message}` : `${place} (resources ${resources.join(", ")}): ${message}`,
  );
};

/**
 * Returns one line for each error in the relations between parts. Parts that do not fit the schema are skipped; if all
 * resources depend on such a part, no error is returned.
 *
 * @param invalid paths at which the config does not fit the schema.
 */
const linesBetween = (given: unknown, invalid: ConfigPath[]): string[] => {
  const hasInvalidBase = invalid.some(
    ([head, index]) => head === "resource_defaults" || (head === "resources" && typeof index !== "number"),
  );
  const isConfig = typeof given === "object" && given !== null && Array.isArray((given as Loose)?.resources);
  if (hasInvalidBase || !isConfig) return [];
  const isClientInvalid = invalid.some(([head]) => head === "client");
  const config = (isClientInvalid ? { ...given, client: {} } : given) as SourceConfig;
  const invalidResources = invalid.flatMap(([head, index]) => (head === "resources" ? [index as number] : []));
  return errorLines(config, errorsBetween(config, new Set(invalidResources)));
};

/** Returns one line for each key that no object can have safely: zod drops it, and an assignment to it changes the prototype. */
const unsafeKeys = (value: unknown, path: ConfigPath, around: unknown[] = []): { place: string; line: string }[] => {
  // An option of a registered auth may be any object.
  const isPlain =
    typeof value === "object" &&
    value !== null &&
    [Object.prototype, Array.prototype, null].includes(Object.getPrototypeOf(value));
  if (!isPlain || around.includes(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = pathText(path) || "the config";
    if (key === PROTOTYPE) return [{ place, line: `${place}: key ${JSON.stringify(key)} is not supported: rename it` }];
    return unsafeKeys(inner, [...path, Array.isArray(value) ? Number(key) : key], [...around, value]);
  });
};

/**
 * Validates a source against the config schema and reports all errors at once: those of single values, and those in the
 * relations between parts.
 *
 * @param file path of the source, for the message.
 * @throws ConfigError with one line per error: path, what is wrong, what is allowed. No value of a secret is shown.
 */
export const validateSource = (file: string, source: { config: unknown; settings: unknown }): void => {
  const config = issuesOf([], sourceConfig, source.config);
  const settings = issuesOf(["settings"], sourceSettings, source.settings);
  const unsafe = [...unsafeKeys(source.config, []), ...unsafeKeys(source.settings, ["settings"])];
  const known = [...config.lines, ...linesBetween(source.config, config.paths), ...settings.lines];
  const isKnown = (place: string) => known.some((line) => line.startsWith(`${place}: unknown key "${PROTOTYPE}"`));
  const lines = [...known, ...unsafe.flatMap(({ place, line }) => (isKnown(place) ? [] : [line]))];
  if (lines.length > 0) throw new ConfigError(`${file}: ${lines.join(`\n${file}: `)}`);
};
