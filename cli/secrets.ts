import process from "node:process";
import type { ResolvedSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { secretsIn } from "../lib/secrets/reference.ts";

/** The variable that gives a secret's value: shells take no dash in a name. */
const variable = (name: string): string => `RESTLAKE_SECRET_${name.toUpperCase().replaceAll(/\W/g, "_")}`;

/** Names of the secrets that a source refers to, wherever in it. */
export const neededBy = (source: ResolvedSource): string[] => [...new Set(secretsIn(source.resources))];

/** Values of a source's secrets, as far as they are in the environment. */
export const secretsInEnvironment = (source: ResolvedSource): Record<string, string> =>
  Object.fromEntries(
    neededBy(source).flatMap((name) => {
      const value = process.env[variable(name)];
      return value ? [[name, value]] : [];
    }),
  );

/**
 * Values of a source's secrets: out of the environment, and before that out of `--secret name=value`.
 *
 * @param given values of `--secret`; undefined where there is no such option.
 * @throws ConfigError naming the first one that is missing; never with a value.
 */
export const readSecrets = (source: ResolvedSource, given?: string[]): Record<string, string> => {
  const secrets = secretsInEnvironment(source);
  for (const pair of given ?? []) {
    const [name = "", ...rest] = pair.split("=");
    const value = rest.join("=");
    if (name === "" || value === "") {
      throw new ConfigError("--secret must be name=value (what was given is not shown here)");
    }
    secrets[name] = value;
  }
  const missing = neededBy(source).find((name) => !secrets[name]);
  if (missing !== undefined) {
    const option = given === undefined ? "" : `--secret ${missing}=... or `;
    throw new ConfigError(
      `${source.name} needs the secret ${missing}: give ${option}${variable(missing)} in the environment`,
    );
  }
  return secrets;
};
