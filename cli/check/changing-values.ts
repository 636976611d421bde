import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { ownModule } from "../../infra/package-files.ts";
import { normaliseName } from "../../lib/columns/names.ts";
import type { Source } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { errorLines } from "../../lib/config/schema/validate.ts";
import type { ConfigPath, ValidationError } from "../../lib/config/validation-errors.ts";
import { ConfigError } from "../../lib/errors/index.ts";
import { canonicalJson, isJsonObject, type Json, type JsonObject } from "../../lib/json/index.ts";
import { positionConfig } from "../../lib/lake/position.ts";

/** The config that positions depend on, by resource. */
type PositionConfigs = Record<string, JsonObject>;

/** Returns the config that positions depend on, by resource. Functions are left out. */
export const positionConfigs = (source: Source): PositionConfigs =>
  Object.fromEntries(
    resolveSource(source).resources.map((resource) => [
      resource.name,
      JSON.parse(canonicalJson({ ...positionConfig(resource), rows: resource.rows })) as JsonObject,
    ]),
  );

/** Returns the paths at which two values differ. */
const differences = (one: Json | undefined, other: Json | undefined, path: ConfigPath = []): ConfigPath[] => {
  const isBoth = (is: (value: Json | undefined) => boolean) => is(one) && is(other);
  if (isBoth(Array.isArray) || isBoth((value) => value !== undefined && isJsonObject(value))) {
    const [a, b] = [one as JsonObject, other as JsonObject];
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].flatMap((key) => differences(a[key], b[key], [...path, Array.isArray(one) ? Number(key) : key]));
  }
  return one === other ? [] : [path];
};

/** Returns the path in a resource's config of a path in what its positions depend on. */
const placeOf = ([head = "", ...rest]: ConfigPath): ConfigPath => {
  if (head === "rows") return [head, ...rest];
  if (head !== "body") return ["endpoint", head, ...rest];
  return rest[0] === "json" ? ["endpoint", ...rest] : ["endpoint", "data"];
};

const MESSAGE =
  "value that differs each time the config is read (it depends on the time or on chance), so a run could not resume: use {run.opened_at}, such as {run.opened_at-30d:%Y-%m-%d}";

const ROWS_MESSAGE =
  "value that differs each time the config is read (it depends on the time or on chance): a Lambda reads it once, and may keep it for hours. Write it out, or use {run.opened_at} in the requests of children";

/** Reads a source again, in a worker with another time. */
const readAgain = async (file: string, path: string): Promise<PositionConfigs> => {
  const worker = new Worker(ownModule("cli/check/second-reading"), {
    workerData: { file, path },
    // The output of a config is printed by the first reading.
    stdout: true,
    stderr: true,
  });
  try {
    return (await once(worker, "message"))[0] as PositionConfigs;
  } catch (error) {
    throw new ConfigError(`${file}: cannot be read at another time: ${(error as Error).message}`);
  } finally {
    await worker.terminate();
  }
};

/**
 * Reads a source again, at another time, and compares the values that the positions of a run depend on.
 *
 * @param file name of the file in messages.
 * @throws ConfigError with one line for each value that differs. Values are not shown: they may be secret.
 */
export const checkSameValues = async (source: Source, file: string, path: string): Promise<void> => {
  const [first, second] = [positionConfigs(source), await readAgain(file, path)];
  const names = source.config.resources.map((resource) =>
    normaliseName(typeof resource === "string" ? resource : resource.name),
  );
  const errors = [...new Set([...Object.keys(first), ...Object.keys(second)])].flatMap((name): ValidationError[] => {
    const index = names.indexOf(name);
    const [one, other] = [first[name], second[name]];
    if (one === undefined || other === undefined) return [{ resource: null, path: ["resources"], message: MESSAGE }];
    return differences(one, other).map((found) => ({
      resource: index,
      path: placeOf(found),
      message: found[0] === "rows" ? ROWS_MESSAGE : MESSAGE,
    }));
  });
  const lines = errorLines(source.config, errors);
  if (lines.length > 0) throw new ConfigError(`${file}: ${lines.join(`\n${file}: `)}`);
};
