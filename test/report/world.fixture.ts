import type { RunReport } from "../../lib/report/run-report.ts";
import type { World } from "../reliability/world.ts";

/** Returns the text of an object in a world's bucket. */
export const textOf = (world: World, key: string): string =>
  Buffer.from(world.objects.get(key)?.body ?? `nothing at ${key}`).toString();

/** Returns the reports of a world, oldest first, without the copy of the latest one. */
export const reportsOf = (world: World): RunReport[] =>
  [...world.objects.keys()]
    .filter((key) => /^reports\/shop\/\d.*\.json$/.test(key))
    .sort()
    .map((key) => JSON.parse(textOf(world, key)) as RunReport);

/** Returns the newest report of a world. */
export const newestReport = (world: World): RunReport => reportsOf(world).at(-1) as RunReport;

/** Replaces an object in a world's bucket, like a user who edits it manually. */
export const overwrite = (world: World, key: string, text: string): void => {
  world.objects.set(key, { body: Buffer.from(text), metadata: {}, etag: '"by hand"' });
};
