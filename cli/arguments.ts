import { type ParseArgsConfig, parseArgs } from "node:util";
import { ConfigError } from "../lib/errors/index.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The user asked for `--help`. Not an error, and never leaves `cli`. */
export class HelpWanted {
  readonly usage: string;

  constructor(usage: string) {
    this.usage = `usage: ${usage}`;
  }
}

/** parseArgs' complaint as one line; never with the value, which may be a secret. */
const complaint = ({ code, message }: NodeJS.ErrnoException, options: Options): string => {
  const [, name = ""] = /'(--?[\w-]+)/.exec(message) ?? [];
  const allowed = Object.keys(options).map((option) => `--${option}`);
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    return `there is no option ${name}; there are: ${allowed.join(", ")}`;
  }
  if (/does not take an argument/.test(message)) return `${name} takes no value`;
  if (/ambiguous/.test(message)) return `${name} needs a value; one that begins with a dash is written ${name}=-...`;
  return `${name} needs a value`;
};

/**
 * Reads a command's arguments.
 *
 * @param usage how the command is called, and what its options mean.
 * @throws ConfigError for an unknown option or a missing value; HelpWanted for `--help`.
 */
export const readArguments = <Given extends Options>(args: string[], options: Given, usage: string) => {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    const beforeTail = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
    if (beforeTail.some((argument) => argument === "--help" || argument === "-h")) throw new HelpWanted(usage);
    throw new ConfigError(complaint(error as NodeJS.ErrnoException, options));
  }
};

/**
 * A number among the arguments.
 *
 * @throws ConfigError when it is none, or out of bounds.
 */
export const readNumber = (
  name: string,
  text: string | undefined,
  [least, most]: [number, number],
): number | undefined => {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !(value >= least && value <= most)) {
    throw new ConfigError(`--${name} must be a number from ${least} to ${most}, and is ${JSON.stringify(text)}`);
  }
  return value;
};
