/** A command: gets its arguments, returns the exit code. */
export type Command = (args: string[]) => Promise<number>;

/** Exit codes of all commands. */
export const EXIT = { done: 0, failed: 1, usage: 2, stopped: 130 } as const;

/** Where the local lake is when nobody says otherwise. */
export const DEFAULT_OUT = ".local";
