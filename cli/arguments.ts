import process from "node:process";
import { parseArgs } from "node:util";
import { commandForm } from "../infra/command-form.ts";
import { nearest } from "../lib/config/nearest.ts";
import { ConfigError } from "../lib/errors/index.ts";
import type { CommandDefinition, FlagOption, NumberOption, OptionDefinition } from "./command.ts";
import { helpText } from "./help.ts";
import { terminalWidth } from "./wrap-text.ts";

/** Thrown for `--help`. It is not an error, and never leaves `cli`. */
export class HelpRequested {
  readonly definition: CommandDefinition;

  constructor(definition: CommandDefinition) {
    this.definition = definition;
  }
}

type ValueOf<Option extends OptionDefinition> = Option extends FlagOption
  ? boolean
  : Option extends { multiple: true }
    ? string[]
    : Option extends { choices: readonly (infer Choice)[] }
      ? Choice | (Option extends { default: string } ? never : undefined)
      :
          | (Option extends NumberOption ? number : string)
          | (Option extends { default: string | number } ? never : undefined);

/** Values of a command's options by name. Without a default, an option that is not given is undefined; a flag is false. */
export type OptionValues<Definition extends CommandDefinition> = {
  [Name in keyof Definition["options"]]: ValueOf<Definition["options"][Name]>;
};

type Raw = string | boolean | (string | boolean)[] | undefined;

/** Returns the message for an error of parseArgs. It never contains a value, which may be a secret. */
const parseErrorText = ({ code, message }: NodeJS.ErrnoException, options: string[]): string => {
  const [, option = ""] = /'(--?[\w-]+)/.exec(message) ?? [];
  if (code === "ERR_PARSE_ARGS_UNKNOWN_OPTION") {
    const suggestion = nearest(option.replace(/^-+/, ""), options);
    return suggestion === undefined
      ? `unknown option ${option}: choose from ${options.map((name) => `--${name}`).join(", ")}`
      : `unknown option ${option}: did you mean --${suggestion}?`;
  }
  if (/does not take an argument/.test(message)) return `${option} takes no value`;
  if (/ambiguous/.test(message)) {
    return `missing value for ${option}: a value that begins with a dash is written ${option}=-...`;
  }
  return `missing value for ${option}`;
};

const parse = (args: string[], { options }: CommandDefinition) => {
  try {
    return parseArgs({
      args,
      options: Object.fromEntries(
        Object.entries(options).map(([name, option]) => [
          name,
          {
            type: option.type === "flag" ? ("boolean" as const) : ("string" as const),
            multiple: option.type === "string" && option.multiple === true,
          },
        ]),
      ),
      allowPositionals: true,
      strict: true,
    });
  } catch (error) {
    throw new ConfigError(parseErrorText(error as NodeJS.ErrnoException, Object.keys(options)));
  }
};

const parseNumber = (name: string, text: string, { type, min, max }: NumberOption): number => {
  const value = Number(text);
  const isValid = text.trim() !== "" && value >= min && value <= max && (type === "number" || Number.isInteger(value));
  if (!isValid) throw new ConfigError(`--${name}: expected ${type} from ${min} to ${max}, got ${JSON.stringify(text)}`);
  return value;
};

const parseChoice = (name: string, text: string, choices: readonly string[]): string => {
  if (choices.includes(text)) return text;
  const quoted = choices.map((choice) => JSON.stringify(choice));
  const expected = [...quoted.slice(0, -2), quoted.slice(-2).join(" or ")].join(", ");
  throw new ConfigError(`--${name}: expected ${expected}, got ${JSON.stringify(text)}`);
};

const parseValue = (name: string, option: OptionDefinition, raw: Raw): unknown => {
  if (option.type === "flag") return raw === true;
  if (option.type === "string" && option.multiple) return raw ?? [];
  if (typeof raw !== "string") return option.default;
  if (option.type !== "string") return parseNumber(name, raw, option);
  return option.choices === undefined ? raw : parseChoice(name, raw, option.choices);
};

/** Returns the error for a command without its argument. It contains the help of the command. */
const missingArgument = (definition: CommandDefinition): ConfigError =>
  new ConfigError(
    `missing argument <${definition.argument?.name}>\n\n${helpText(definition, terminalWidth(process.stderr))}`,
  );

const checkCount = (definition: CommandDefinition, positionals: string[]): void => {
  const { argument } = definition;
  const command = commandForm(definition.name);
  const max = argument === null ? 0 : argument.count === "many" ? Number.POSITIVE_INFINITY : 1;
  const unexpected = positionals[max];
  if (unexpected !== undefined) {
    const takes = argument === null ? "options only" : `one <${argument.name}> (quote an argument with spaces)`;
    throw new ConfigError(`unexpected argument ${JSON.stringify(unexpected)}: ${command} takes ${takes}`);
  }
  if (argument?.count === "one" && positionals.length === 0) throw missingArgument(definition);
};

/**
 * Returns the values of a command's options, and its positional arguments.
 *
 * @throws ConfigError for unknown options and for missing, superfluous or invalid values; HelpRequested for `--help`.
 */
export const readArguments = <Definition extends CommandDefinition>(
  args: string[],
  definition: Definition,
): { values: OptionValues<Definition>; positionals: string[] } => {
  const beforeTail = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  if (beforeTail.some((argument) => argument === "--help" || argument === "-h")) throw new HelpRequested(definition);
  const { values, positionals } = parse(args, definition);
  checkCount(definition, positionals);
  const parsed = Object.entries(definition.options).map(([name, option]) => [
    name,
    parseValue(name, option, values[name]),
  ]);
  return { values: Object.fromEntries(parsed) as OptionValues<Definition>, positionals };
};
