/**
 * The entry point from serverless.yml into TypeScript. osls loads a `.js` module by its named exports, serverless-esbuild by
 * its default export, and Node strips the types of the modules that it imports.
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
 * Returns the deployed sources and the options of the stack.
 *
 * @param {string} service
 * @param {string} stage
 * @param {unknown} custom `custom.restlake` of serverless.yml
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
 * Returns the stack, built once per configuration. osls resolves its sections concurrently.
 *
 * @param {Resolver} resolver
 */
const stackFor = async ({ resolveConfigurationProperty: read }) => {
  const inputs = await Promise.all([read(["service"]), read(["provider", "stage"]), read(["custom", "restlake"])]);
  const key = JSON.stringify(inputs);
  const promise = built.get(key) ?? build(...inputs);
  built.set(key, promise);
  return promise;
};

/**
 * Removes the stack trace of a user error, which osls would print.
 *
 * @param {unknown} error
 */
const withoutStackTrace = (error) => {
  if (error instanceof RestlakeError) error.stack = `${error.name}: ${error.message}`;
  return error;
};

/** @param {Resolver} resolver */
export const functions = async (resolver) => {
  try {
    return (await stackFor(resolver)).functions;
  } catch (error) {
    throw withoutStackTrace(error);
  }
};

/**
 * Returns resources, extensions and outputs; nothing after a user error, because `functions` already reports it.
 *
 * @param {Resolver} resolver
 */
export const resources = async (resolver) => {
  try {
    const { resources: Resources, extensions, outputs: Outputs } = await stackFor(resolver);
    return { Resources, extensions, Outputs };
  } catch (error) {
    if (error instanceof RestlakeError) return {};
    throw error;
  }
};

/** Plugins of esbuild. */
export default [configEntry, nativeFetch];
