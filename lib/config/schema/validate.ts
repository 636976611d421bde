import { ConfigError } from "../../errors/index.ts";
import { errorsBetween } from "../resolve.ts";
import { type ConfigPath, pathText, type ValidationError } from "../validation-errors.ts";
import { type SourceConfig, sourceConfig, sourceSettings } from "./index.ts";
import { issuesOf } from "./issues.ts";

type Loose = Record<PropertyKey, unknown> | null | undefined;

/** Whether something stands at a path. */
const has = (value: unknown, path: ConfigPath): boolean =>
  path.reduce<unknown>(
    (current, key) => (typeof current === "object" ? (current as Loose)?.[key] : undefined),
    value,
  ) !== undefined;

/** Where the mistake of a resource stands, and whether others have it from there as well. */
const placeOf = (config: SourceConfig, resource: number, path: ConfigPath): { place: string; isShared: boolean } => {
  const own = config.resources[resource];
  const [head, ...rest] = path;
  const here = (inner: ConfigPath) => ({ place: pathText(["resources", resource, ...inner]), isShared: false });
  if (has(own, path)) return here(path);
  // A text is short for a path.
  const isText = typeof own === "object" && typeof own.endpoint === "string";
  if (head === "endpoint" && rest[0] === "path" && isText) return here(["endpoint"]);
  if (has(config.resource_defaults, path)) return { place: pathText(["resource_defaults", ...path]), isShared: true };
  if (head === "endpoint" && rest.length > 0 && has(config.client, rest)) {
    return { place: pathText(["client", ...rest]), isShared: true };
  }
  return here(path.filter((_key, index) => has(own, path.slice(0, index + 1))));
};

const nameOf = (config: SourceConfig, resource: number): string => {
  const given = config.resources[resource];
  return typeof given === "string" ? given : String(given?.name);
};

/** A line for each mistake; those that several resources have from one place are one. */
const linesOf = (config: SourceConfig, mistakes: ValidationError[]): string[] => {
  const lines = new Map<string, { place: string; message: string; resources: string[] }>();
  for (const { resource, path, message } of mistakes) {
    const { place, isShared } =
      resource === null ? { place: pathText(path), isShared: false } : placeOf(config, resource, path);
    const key = `${place}: ${message}`;
    const line = lines.get(key) ?? { place, message, resources: [] };
    lines.set(key, line);
    if (isShared && resource !== null) line.resources.push(nameOf(config, resource));
  }
  return [...lines.values()].map(({ place, message, resources }) =>
    resources.length === 0 ? `${place}: ${message}` : `${place} (of ${resources.join(", ")}): ${message}`,
  );
};

/**
 * The lines of what only shows between the parts. Parts that do not fit the schema are left out, and nothing is told when
 * all resources build on one of those.
 *
 * @param wrong where the config does not fit the schema.
 */
const linesBetween = (given: unknown, wrong: ConfigPath[]): string[] => {
  const isBaseless = wrong.some(
    ([head, index]) => head === "resource_defaults" || (head === "resources" && typeof index !== "number"),
  );
  const isConfig = typeof given === "object" && given !== null && Array.isArray((given as Loose)?.resources);
  if (isBaseless || !isConfig) return [];
  const isClientWrong = wrong.some(([head]) => head === "client");
  const config = (isClientWrong ? { ...given, client: {} } : given) as SourceConfig;
  const unsound = wrong.flatMap(([head, index]) => (head === "resources" ? [index as number] : []));
  return linesOf(config, errorsBetween(config, new Set(unsound)));
};

/**
 * Checks a source against the dialect, all mistakes at once: those of each part, and those that only show between them.
 *
 * @param file where it stands, for the message.
 * @throws ConfigError with a line per mistake: path, what is wrong, what is allowed. No value of a secret is shown.
 */
export const validateSource = (file: string, source: { config: unknown; settings: unknown }): void => {
  const config = issuesOf([], sourceConfig, source.config);
  const settings = issuesOf(["settings"], sourceSettings, source.settings);
  const lines = [...config.lines, ...linesBetween(source.config, config.paths), ...settings.lines];
  if (lines.length > 0) throw new ConfigError(`${file}: ${lines.join(`\n${file}: `)}`);
};
