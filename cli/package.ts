import { passToServerless } from "../local/serverless.ts";
import { readArguments } from "./arguments.ts";
import * as definitions from "./definitions.ts";
import { frameworkArguments } from "./framework-arguments.ts";

/** `npm run package`: compiles the stack for review. */
export const run = (args: string[]): Promise<number> =>
  passToServerless(frameworkArguments("package", readArguments(args, definitions.packageStack).values));
