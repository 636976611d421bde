import type { RunReport } from "../../lib/report/run-report.ts";
import type { World } from "../reliability/world.ts";

/** The text of an object in a world's bucket. */
export const textOf = (world: World, key: string): string =>
  Buffer.from(world.objects.get(key)?.body ?? `nothing at ${key}`).toString();

/** The reports of a world, the oldest first; the copy of the newest one aside. */
export const reportsOf = (world: World): RunReport[] =>
  [...world.objects.keys()]
    .filter((key) => /^reports\/shop\/\d.*\.json$/.test(key))
    .sort()
    .map((key) => JSON.parse(textOf(world, key)) as RunReport);

/** The newest report. */
export const newestReport = (world: World): RunReport => reportsOf(world).at(-1) as RunReport;

/** Puts a text into a world's bucket, as somebody would by hand. */
export const overwrite = (world: World, key: string, text: string): void => {
  world.objects.set(key, { body: Buffer.from(text), metadata: {}, etag: '"by hand"' });
};
