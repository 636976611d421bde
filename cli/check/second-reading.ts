/** Worker: reads a source at another time of day, month and year, and posts what positions depend on. */
import { parentPort, workerData } from "node:worker_threads";
import { DAY, HOUR, MINUTE, SECOND } from "../../lib/time/durations.ts";

/** Changes year, month, day, day of the week, hour, minute and second. */
const SHIFT = 400 * DAY + 7 * HOUR + 11 * MINUTE + 13 * SECOND;

const RealDate = Date;
const later = () => RealDate.now() + SHIFT;
globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [later()] : args, newTarget),
  apply: (target) => new target(later()).toString(),
  get: (target, key) => (key === "now" ? later : Reflect.get(target, key)),
});
const { random } = Math;
Math.random = () => (random() + 0.5) % 1;

const { file, path } = workerData as { file: string; path: string };
const { readSource } = await import("../../infra/sources.ts");
const { positionConfigs } = await import("./changing-values.ts");
parentPort?.postMessage(positionConfigs(await readSource(file, path)));
