import process from "node:process";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { secretsIn } from "../lib/secrets/reference.ts";

/** Returns the environment variable of a secret: of one source, or of any. Names of variables cannot contain dashes. */
const variableOf = (name: string, source?: string): string =>
  ["RESTLAKE_SECRET", source, name]
    .filter((part) => part !== undefined)
    .join("_")
    .toUpperCase()
    .replaceAll(/\W/g, "_");

/** Returns the secrets in the variables of a source, by the name in lower case. Functions of the config may name any of them. */
const secretsOfSource = (source: string): [string, string][] => {
  const prefix = variableOf("", source);
  return Object.entries(process.env).flatMap(([variable, value]): [string, string][] =>
    variable.startsWith(prefix) && value ? [[variable.slice(prefix.length).toLowerCase(), value]] : [],
  );
};

/** Returns the names of all secrets that a source refers to. */
export const secretNames = (source: ResolvedSource): string[] => [...new Set(secretsIn(source.resources))];

/**
 * Returns the secrets of a source that the environment has, by name. The variable with the source in its name takes precedence:
 * `RESTLAKE_SECRET_SHOP_API_KEY` over `RESTLAKE_SECRET_API_KEY`.
 */
export const secretsInEnvironment = (source: ResolvedSource): Record<string, string> =>
  Object.fromEntries([
    ...secretsOfSource(source.name),
    ...secretNames(source).flatMap((name): [string, string][] => {
      const value = process.env[variableOf(name, source.name)] || process.env[variableOf(name)];
      return value ? [[name, value]] : [];
    }),
  ]);

/**
 * Returns all secrets of a source by name, from `--secret name=value` or else from the environment.
 *
 * @param options values of `--secret`; undefined for a command without this option.
 * @throws ConfigError for the first missing secret. The message contains no value.
 */
export const readSecrets = (source: ResolvedSource, options?: string[]): Record<string, string> => {
  const secrets = new Map(Object.entries(secretsInEnvironment(source)));
  for (const option of options ?? []) {
    const [name = "", ...rest] = option.split("=");
    const value = rest.join("=");
    if (name === "" || value === "") {
      throw new ConfigError("--secret: expected name=value (the value given is not shown here)");
    }
    secrets.set(name, value);
  }
  const missing = secretNames(source).find((name) => !secrets.has(name));
  if (missing !== undefined) {
    const option = options === undefined ? "" : `use --secret ${missing}=... or `;
    throw new ConfigError(
      `${source.name}: missing secret ${missing}: ${option}set the environment variable ${variableOf(missing)}`,
    );
  }
  return Object.fromEntries(secrets);
};
