import { StorageError } from "../../lib/errors/index.ts";
import type { Ports } from "../../lib/ports/index.ts";

/**
 * How an effect goes wrong. `lost`: it was carried out, its answer never came, and the process lives on. `retried`: the
 * same, but the client asked again by itself, as the SDK does: a conditional PUT is then refused by its own first try.
 */
export type Fault = "before" | "after" | "lost" | "retried";

/** Thrown by every effect of a process that is dead: nothing it does from then on has any effect. */
export class Dead extends Error {
  override name = "Dead";
}

/** Counts a run's side effects, and makes one of them go wrong. */
export interface Effects {
  /** The ports, every side effect of which is counted. */
  ports: Ports;
  /** Names of the effects so far, such as `put data/...`. */
  readonly names: string[];
  /** Whether the fault has happened. */
  readonly happened: boolean;
}

/** What a client sees when an answer is lost. */
const lostAnswer = (name: string): Error =>
  name.startsWith("fetch")
    ? new TypeError("fetch failed", { cause: { code: "ECONNRESET" } })
    : new StorageError(`no answer: ${name}`);

/**
 * Wraps ports.
 *
 * @param fault which effect goes wrong (from 1), and how; null: none.
 */
export const countEffects = (inner: Ports, fault: { at: number; how: Fault } | null): Effects => {
  const names: string[] = [];
  let happened = false;
  let dead = false;

  const effect = async <Result>(name: string, carryOut: () => Promise<Result>): Promise<Result> => {
    if (dead) throw new Dead();
    names.push(name);
    if (fault === null || names.length !== fault.at) return carryOut();
    happened = true;
    if (fault.how === "before") {
      dead = true;
      throw new Dead();
    }
    const result = await carryOut();
    if (fault.how === "retried") return carryOut();
    // A reader whose answer is lost has read nothing; the SDK asks again, and so does the HTTP client.
    if (fault.how === "lost") {
      if (name.startsWith("get") || name.startsWith("head") || name.startsWith("sleep")) return result;
      throw lostAnswer(name);
    }
    dead = true;
    throw new Dead();
  };

  const { bucket, clock, secrets } = inner;
  const ports: Ports = {
    ...inner,
    bucket: {
      name: bucket.name,
      head: (key) => effect(`head ${key}`, () => bucket.head(key)),
      get: (key) => effect(`get ${key}`, () => bucket.get(key)),
      put: (key, body, options) => effect(`put ${key}`, () => bucket.put(key, body, options)),
    },
    secrets: { get: (field, options) => effect(`secret ${field}`, () => secrets.get(field, options)) },
    fetch: ((...args: Parameters<typeof fetch>) =>
      effect(`fetch ${new URL(String(args[0])).pathname}`, () => inner.fetch(...args))) as typeof fetch,
    clock: { ...clock, sleep: (ms, signal) => effect(`sleep ${ms}`, () => clock.sleep(ms, signal)) },
  };
  return {
    ports,
    names,
    get happened() {
      return happened;
    },
  };
};
