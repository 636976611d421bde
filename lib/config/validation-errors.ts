import { ConfigError } from "../errors/index.ts";

/** Path of a value in a config. */
export type ConfigPath = readonly PropertyKey[];

/** An error in the relations between parts of a config, each of which fits the schema: an unknown parent, for example. */
export interface ValidationError {
  /** Index of the resource in the config; null for an error of the source. */
  resource: number | null;
  /** Path in the resource, or in the source. */
  path: ConfigPath;
  message: string;
}

/** Records an error of a resource. The caller continues without the invalid part. */
export type Report = (path: ConfigPath, message: string) => void;

/** Returns a path in JavaScript notation: `resources[0].endpoint.headers["X Y"]`. */
export const pathText = (path: ConfigPath): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w$-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");

/** Returns all validation errors as one ConfigError with one line each. */
export const asConfigError = (
  source: string,
  errors: ValidationError[],
  names: readonly (string | null)[],
): ConfigError => {
  const [first, ...others] = errors.map(({ resource, path, message }) => ({
    place: { source, ...(resource !== null && { resource: names[resource] ?? `resources[${resource}]` }) },
    text: path.length === 0 ? message : `${pathText(path)}: ${message}`,
  }));
  const lines = others.map(({ place, text }) => new ConfigError(text, place).message);
  return new ConfigError([first?.text, ...lines].join("\n"), first?.place);
};
