import { ConfigError } from "../errors/index.ts";

/** Where something stands in a config. */
export type ConfigPath = readonly PropertyKey[];

/** A mistake that only shows between the parts of a config, such as a parent that is not there. */
export interface ValidationError {
  /** The resource that has it: its index among the config's; null: it is the source's. */
  resource: number | null;
  /** Where it is, from the resource on, or from the source. */
  path: ConfigPath;
  message: string;
}

/** Takes note of a mistake of a resource. What reports it goes on, with the part that is wrong left out. */
export type Report = (path: ConfigPath, message: string) => void;

/** A path as people write it: `resources[0].endpoint.headers["X Y"]`. */
export const pathText = (path: ConfigPath): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === "number") return `${text}[${key}]`;
    const name = String(key);
    if (!/^[\w$-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`;
    return text === "" ? name : `${text}.${name}`;
  }, "");

/** The mistakes as one error, a line for each. */
export const asConfigError = (
  source: string,
  mistakes: ValidationError[],
  names: readonly (string | null)[],
): ConfigError => {
  const [first, ...others] = mistakes.map(({ resource, path, message }) => ({
    place: { source, ...(resource !== null && { resource: names[resource] ?? `resources[${resource}]` }) },
    text: path.length === 0 ? message : `${pathText(path)}: ${message}`,
  }));
  const lines = others.map(({ place, text }) => new ConfigError(text, place).message);
  return new ConfigError([first?.text, ...lines].join("\n"), first?.place);
};
