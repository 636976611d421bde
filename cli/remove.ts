import { passToServerless } from "../local/serverless.ts";
import { readArguments } from "./arguments.ts";
import * as definitions from "./definitions.ts";
import { frameworkArguments } from "./framework-arguments.ts";

/** `npm run remove`: removes the stack. */
export const run = (args: string[]): Promise<number> =>
  passToServerless(frameworkArguments("remove", readArguments(args, definitions.remove).values));
