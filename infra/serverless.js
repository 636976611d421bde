/**
 * The one door for serverless.yml into TypeScript: osls loads a `.js` module by its named exports, serverless-esbuild by
 * its default export, and Node strips the types of what that imports.
 */
import { RestlakeError } from "../lib/errors/index.ts";
import { configEntry } from "./config-entry.ts";
import { nativeFetch } from "./native-fetch.ts";
import { parseOptions } from "./options.ts";
import { loadSources } from "./sources.ts";
import { stack } from "./stack.ts";

/**
 * @typedef {{ resolveConfigurationProperty(path: string[]): Promise<any> }} Resolver
 * @typedef {ReturnType<typeof stack>} Stack
 */

/** @type {Map<string, Promise<Stack>>} */
const built = new Map();

/**
 * The sources that are deployed, and what serverless.yml says about them.
 *
 * @param {string} service
 * @param {string} stage
 * @param {unknown} custom its `custom.restlake`
 */
export const readStack = async (service, stage, custom) => {
  const all = await loadSources();
  const options = parseOptions({ service, stage }, custom, all);
  return { sources: all.filter(({ resolved }) => options.only?.includes(resolved.name) ?? true), options };
};

/** @type {(service: string, stage: string, custom: unknown) => Promise<Stack>} */
const build = async (service, stage, custom) => {
  const { sources, options } = await readStack(service, stage, custom);
  return stack(sources, options);
};

/**
 * The stack, built once for what serverless.yml says. osls asks for its parts at the same time.
 *
 * @param {Resolver} resolver
 */
const stackFor = async ({ resolveConfigurationProperty: read }) => {
  const said = await Promise.all([read(["service"]), read(["provider", "stage"]), read(["custom", "restlake"])]);
  const key = JSON.stringify(said);
  const promise = built.get(key) ?? build(...said);
  built.set(key, promise);
  return promise;
};

/**
 * osls prints an error's stack: of a user's mistake, the message is all there is to say.
 *
 * @param {unknown} error
 */
const withoutStack = (error) => {
  if (error instanceof RestlakeError) error.stack = `${error.name}: ${error.message}`;
  return error;
};

/**
 * Parts other than `functions`, which is the one to tell of a user's mistake: once is enough.
 *
 * @template Part
 * @param {Resolver} resolver
 * @param {(stack: Stack) => Part} part
 * @returns {Promise<Part | {}>}
 */
const quietly = async (resolver, part) => {
  try {
    return part(await stackFor(resolver));
  } catch (error) {
    if (error instanceof RestlakeError) return {};
    throw error;
  }
};

/** @param {Resolver} resolver */
export const functions = async (resolver) => {
  try {
    return (await stackFor(resolver)).functions;
  } catch (error) {
    throw withoutStack(error);
  }
};

/** @param {Resolver} resolver */
export const resources = (resolver) =>
  quietly(resolver, ({ resources: Resources, extensions, outputs: Outputs }) => ({ Resources, extensions, Outputs }));

/** esbuild's plugins. */
export default [configEntry, nativeFetch];
