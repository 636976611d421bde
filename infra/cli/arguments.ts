import { type ParseArgsConfig, parseArgs } from "node:util";
import { ConfigError } from "../../lib/errors.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/**
 * Reads a command's arguments.
 *
 * @param usage one line that a mistake is answered with.
 * @throws ConfigError for an unknown option or a missing value, with the usage.
 */
export const readArguments = <Given extends Options>(args: string[], options: Given, usage: string) => {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const [what = ""] = (error as Error).message.split(". To specify");
    throw new ConfigError(`${what}\nusage: ${usage}`);
  }
};

/**
 * A number among the arguments.
 *
 * @throws ConfigError when it is none, or below the least.
 */
export const readNumber = (name: string, text: string | undefined, least: number): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < least) {
    throw new ConfigError(`--${name} must be a number of at least ${least}, and is ${JSON.stringify(text)}`);
  }
  return value;
};
