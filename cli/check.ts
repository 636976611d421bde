import process from "node:process";
import { styleText } from "node:util";
import { withAncestors } from "../lib/config/dependencies.ts";
import { findResource, type ResolvedSource, resolveSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { checkBaseUrl, checkHost } from "../lib/http/origin.ts";
import { resourceFactsOf } from "../lib/run/source-facts.ts";
import { readArguments, readNumber } from "./arguments.ts";
import { factLines } from "./check/facts.ts";
import { type Finding, findings } from "./check/live.ts";
import { planLines } from "./check/plan.ts";
import { EXIT } from "./command.ts";
import { findSource } from "./find-source.ts";
import { readSecrets } from "./secrets.ts";

const USAGE = `npm run check -- <source> [options]
  Says what is wrong with a source, or what it would do. Nothing is loaded.

  <source>                    name of a file in functions/, or path of a .ts, .js, .json or .yaml config
  --resource NAME             only this resource, and those it descends from; may be repeated
  --base-url URL              instead of the config's base_url
  --live                      asks every resource for its first page or two, and shows what comes
  --secret name=value         value of a secret, for --live; or RESTLAKE_SECRET_<NAME> in the environment
  --request-timeout SECONDS   until a request without an answer is given up`;

const OPTIONS = {
  resource: { type: "string", multiple: true },
  "base-url": { type: "string" },
  live: { type: "boolean", default: false },
  secret: { type: "string", multiple: true },
  "request-timeout": { type: "string" },
} as const;

/** How a resource came out: a sign, also where there are no colours. */
const SIGNS: Record<Finding["status"], Parameters<typeof styleText>> = {
  ok: ["green", "ok"],
  failed: ["red", "!!"],
  skipped: ["yellow", "--"],
};

/** Asks the API, and tells what came as it comes. @returns the exit code. */
const ask = async (resolved: ResolvedSource, secrets: Record<string, string>, wanted: Set<string>, width: number) => {
  const counts = { ok: 0, failed: 0, skipped: 0 };
  for await (const { resource, status, facts } of findings(resolved, secrets, wanted)) {
    counts[status]++;
    console.log([`${styleText(...SIGNS[status])} ${resource}`, ...factLines(facts, width), ""].join("\n"));
  }
  const { ok, failed, skipped } = counts;
  console.log(`${ok} ok, ${failed} failed${skipped === 0 ? "" : `, ${skipped} not asked`}`);
  return failed === 0 ? EXIT.done : EXIT.failed;
};

/** `npm run check`: what is wrong with a source, what it would do, and with `--live` what its API says. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(args, OPTIONS, USAGE);
  const [name] = positionals;
  if (name === undefined) throw new ConfigError(`give a source\nusage: ${USAGE}`);
  if (positionals.length > 1) throw new ConfigError(`give one source, not ${positionals.join(" and ")}`);
  const request_timeout = readNumber("request-timeout", values["request-timeout"], [0.001, 1_000_000]);
  const source = await findSource(name);
  const resolved = resolveSource(source, { base_url: values["base-url"] });
  const { settings } = resolved;
  if (request_timeout !== undefined) settings.request_timeout = request_timeout;
  for (const resource of values.resource ?? []) findResource(resolved, resource);
  const facts = resourceFactsOf(resolved);
  const wanted = withAncestors(facts, values.resource ?? facts.map((resource) => resource.name));
  const width = process.stdout.columns || Number.POSITIVE_INFINITY;
  if (values.live || values["base-url"] !== undefined) {
    checkBaseUrl(resolved.name, resolved.base_url, settings.allow_link_local);
  } else {
    // The placeholder of the examples is good enough for a plan.
    checkHost("base_url", new URL(resolved.base_url), settings.allow_link_local, resolved.name);
  }
  if (values.live) return ask(resolved, readSecrets(resolved, values.secret ?? []), wanted, width);
  console.log(planLines(source, resolved, wanted, width).join("\n"));
  return EXIT.done;
};
