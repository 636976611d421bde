import { commandForm } from "../infra/command-form.ts";
import type { ArgumentDefinition, CommandDefinition, OptionDefinition } from "./command.ts";
import { alignColumns, wrapText } from "./wrap-text.ts";

const INDENT = "  ";

const argumentForm = ({ name, count }: ArgumentDefinition): string =>
  ({ one: `<${name}>`, optional: `[<${name}>]`, many: `[<${name}>...]` })[count];

/** Returns the usage line: `npm run sync -- <source> [options]`. */
export const usageLine = (definition: CommandDefinition): string =>
  commandForm(
    definition.name,
    [definition.argument === null ? "" : argumentForm(definition.argument), "[options]"].filter(Boolean).join(" "),
  );

/** Returns an option as a user types it: `--out DIR`. */
export const optionForm = (name: string, option: OptionDefinition): string =>
  option.type === "flag" ? `--${name}` : `--${name} ${option.value}`;

/** Returns the default of an option as text; null if it has none. */
export const defaultText = (option: OptionDefinition): string | null =>
  option.type === "flag" || option.default === undefined ? null : String(option.default);

const optionMeaning = (option: OptionDefinition): string => {
  const notes = [
    option.type === "string" && option.multiple ? "may be repeated" : null,
    option.type === "string" && option.choices !== undefined && option.choices.length > 1
      ? `one of ${option.choices.join(", ")}`
      : null,
    defaultText(option) === null ? null : `default: ${defaultText(option)}`,
  ].filter((note) => note !== null);
  return notes.length === 0 ? option.meaning : `${option.meaning} (${notes.join("; ")})`;
};

/**
 * Returns the help of a command.
 *
 * @param width columns of the terminal; Infinity for lines of any length.
 */
export const helpText = (definition: CommandDefinition, width: number): string => {
  const { argument, options, examples, summary } = definition;
  return [
    `usage: ${usageLine(definition)}`,
    "",
    ...wrapText(summary, width),
    "",
    ...alignColumns(
      [
        ...(argument === null ? [] : [[`<${argument.name}>`, argument.meaning] as [string, string]]),
        ...Object.entries(options).map(([name, option]): [string, string] => [
          optionForm(name, option),
          optionMeaning(option),
        ]),
        ["--help", "print this help"],
      ],
      width,
    ),
    "",
    "Examples:",
    ...examples.map((args) => `${INDENT}${commandForm(definition.name, args)}`),
  ].join("\n");
};
