/** A command: gets its arguments and returns the exit code. */
export type Command = (args: string[]) => Promise<number>;

/** Exit codes of all commands. */
export const EXIT = { done: 0, failed: 1, usage: 2, stopped: 130 } as const;

/** Folder of the local lake, unless `--out` names another one. */
export const DEFAULT_OUT = ".local";

/** An option with a string as its value. */
export interface StringOption {
  readonly type: "string";
  /** The value in usage lines: `DIR`. */
  readonly value: string;
  /** The allowed values; any string without it. */
  readonly choices?: readonly string[];
  readonly default?: string;
  /** Whether the option may be repeated. Its value is a list then. */
  readonly multiple?: true;
  readonly meaning: string;
}

/** An option with a number as its value. */
export interface NumberOption {
  readonly type: "number" | "integer";
  /** The value in usage lines: `SECONDS`. */
  readonly value: string;
  readonly min: number;
  readonly max: number;
  readonly default?: number;
  readonly meaning: string;
}

/** An option without a value. */
export interface FlagOption {
  readonly type: "flag";
  readonly meaning: string;
}

/** Definition of one option. Its name is its key in `CommandDefinition.options`. */
export type OptionDefinition = StringOption | NumberOption | FlagOption;

/** The positional arguments of a command. */
export interface ArgumentDefinition {
  /** The name in usage lines. */
  readonly name: string;
  /** `one`: exactly one. `optional`: one or none. `many`: any number. */
  readonly count: "one" | "optional" | "many";
  readonly meaning: string;
}

/** Everything that `--help` and docs/cli.md say about a command. */
export interface CommandDefinition {
  readonly name: string;
  /** Imperative sentences: what the command does. */
  readonly summary: string;
  /** Null for a command that takes options only. */
  readonly argument: ArgumentDefinition | null;
  readonly options: Readonly<Record<string, OptionDefinition>>;
  /** Examples of arguments, each for one call. */
  readonly examples: readonly string[];
}
