import process from "node:process";
import { isConfigFile } from "../infra/config-file.ts";
import { type ResolvedSource, resolveSource } from "../lib/config/resolve.ts";
import { ConfigError } from "../lib/errors/index.ts";
import { checkBaseUrl, checkHost } from "../lib/http/origin.ts";
import { type OptionValues, readArguments } from "./arguments.ts";
import { checkSameValues } from "./check/changing-values.ts";
import { factLines } from "./check/facts.ts";
import { checkLake } from "./check/lake.ts";
import { checkResources, type Finding } from "./check/live.ts";
import { planLines } from "./check/plan.ts";
import { checkProject } from "./check/project.ts";
import { EXIT } from "./command.ts";
import * as definitions from "./definitions.ts";
import { findSource, findSourceFile } from "./find-source.ts";
import { readSecrets } from "./secret-values.ts";
import { selectResources } from "./select-resources.ts";
import { print, styled } from "./terminal.ts";
import { terminalWidth } from "./wrap-text.ts";

type Options = OptionValues<typeof definitions.check>;

/** Marks of a resource's status. They differ without colors as well. */
const MARKS: Record<Finding["status"], Parameters<typeof styled>> = {
  ok: ["green", "ok"],
  failed: ["red", "!!"],
  skipped: ["yellow", "--"],
};

/** Requests the resources, and prints each finding when it is there. Returns the exit code. */
const checkLive = async (
  source: ResolvedSource,
  secrets: Record<string, string>,
  selected: Set<string>,
  width: number,
): Promise<number> => {
  const counts = { ok: 0, failed: 0, skipped: 0 };
  for await (const { resource, status, facts } of checkResources(source, secrets, selected)) {
    counts[status]++;
    print([`${styled(...MARKS[status])} ${resource}`, ...factLines(facts, width), ""].join("\n"));
  }
  const { ok, failed, skipped } = counts;
  print(`${ok} ok, ${failed} failed${skipped === 0 ? "" : `, ${skipped} skipped`}`);
  return failed === 0 ? EXIT.done : EXIT.failed;
};

const checkAddress = (source: ResolvedSource, { live, "base-url": given }: Options): void => {
  const { name, base_url, settings } = source;
  if (live || given !== undefined) return void checkBaseUrl(name, base_url, settings.allow_link_local);
  // A plan needs no real API: it allows the placeholder of the examples.
  checkHost("base_url", new URL(base_url), settings.allow_link_local, name);
};

/** Options that are about one source. */
const OF_ONE_SOURCE = ["live", "base-url", "request-timeout"] as const;

const checkOptions = (options: Options, name: string | undefined): void => {
  const { live, lake, bucket, resource, secret } = options;
  const given = [
    ...OF_ONE_SOURCE.filter((option) => options[option]),
    ...(resource.length > 0 ? ["resource"] : []),
    ...(secret.length > 0 ? ["secret"] : []),
  ];
  if (name === undefined && !lake && given.length > 0) {
    throw new ConfigError(`--${given[0]} without a source: write its name`);
  }
  if (live && lake) throw new ConfigError("--live and --lake are both given: use one of them");
  if (bucket !== undefined && !lake) throw new ConfigError("--bucket without --lake: give both to verify a bucket");
};

/** `npm run check`: validates a source or all, and prints its plan or, with `--live`, what its API returns. */
export const run = async (args: string[]): Promise<number> => {
  const { values: options, positionals } = readArguments(args, definitions.check);
  const [name] = positionals;
  checkOptions(options, name);
  if (options.lake) return checkLake(options, name === undefined ? null : (await findSource(name)).config.name);
  if (name === undefined) return checkProject();
  const { source, file, path } = await findSourceFile(name);
  if (!isConfigFile(path)) await checkSameValues(source, file, path);
  const resolved = resolveSource(source, { base_url: options["base-url"] });
  const { settings } = resolved;
  settings.request_timeout = options["request-timeout"] ?? settings.request_timeout;
  const selected = selectResources(resolved, options.resource);
  checkAddress(resolved, options);
  const width = terminalWidth(process.stdout);
  if (options.live) return checkLive(resolved, readSecrets(resolved, options.secret), selected, width);
  print(planLines(source, resolved, selected, width).join("\n"));
  return EXIT.done;
};
