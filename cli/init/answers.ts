import process from "node:process";
import * as prompts from "@clack/prompts";
import { ConfigError } from "../../lib/errors/index.ts";
import type { OptionValues } from "../arguments.ts";
import type * as definitions from "../definitions.ts";
import { Interrupted } from "../interrupt.ts";

type Options = OptionValues<typeof definitions.init>;

/** Everything that the files of a new project depend on. */
export interface Answers {
  /** Name of the source. */
  name: string;
  base_url: string;
  /** Path of the first resource. */
  path: string;
  auth: Options["auth"];
  format: Options["format"];
  region: string;
  hasWorkflow: boolean;
}

/** Returns why a name cannot be that of a source; undefined for a valid one. */
const nameProblem = (name = ""): string | undefined =>
  /^[a-z][a-z0-9_]*$/.test(name) ? undefined : "expected lower-case letters, digits and underscores, such as shop";

const urlProblem = (url = ""): string | undefined =>
  URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
    ? undefined
    : "expected an http or https URL, such as https://api.your-company.com/v1";

const pathProblem = (path = ""): string | undefined =>
  path.trim() === "" ? "expected the path of a list, such as users" : undefined;

type Validate = (value: string | undefined) => string | undefined;

/** @throws Interrupted when the user ends the question with Ctrl-C. */
const askText = async (message: string, placeholder: string, validate: Validate): Promise<string> => {
  const answer = await prompts.text({ message, placeholder, validate });
  if (prompts.isCancel(answer)) throw new Interrupted();
  return answer;
};

/** Returns the value of a required option: as given, or from a prompt in a terminal. */
const required = async (
  option: "name" | "base-url" | "path",
  given: string | undefined,
  [message, placeholder, validate]: [string, string, Validate],
): Promise<string> => {
  const problem = given === undefined ? undefined : validate(given);
  if (problem !== undefined) throw new ConfigError(`--${option}: ${problem}, got ${JSON.stringify(given)}`);
  if (given !== undefined) return given;
  if (process.stdin.isTTY && process.stdout.isTTY) return askText(message, placeholder, validate);
  throw new ConfigError(`missing --${option}: ${validate(undefined)}`);
};

/**
 * Returns what a new project needs to know: from options, and in a terminal from the user.
 *
 * @throws ConfigError for an invalid or missing option; Interrupted when the user stops.
 */
export const readAnswers = async (options: Options): Promise<Answers> => ({
  name: await required("name", options.name, ["Name of the source", "shop", nameProblem]),
  base_url: await required("base-url", options["base-url"], [
    "Base URL of the API",
    "https://api.your-company.com/v1",
    urlProblem,
  ]),
  path: await required("path", options.path, ["Path of a list of rows", "users", pathProblem]),
  auth: options.auth,
  format: options.format,
  region: options.region,
  hasWorkflow: !options["no-workflow"],
});
