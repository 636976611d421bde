import { StorageError } from "../../lib/errors/index.ts";
import type { Ports } from "../../lib/ports/index.ts";

/**
 * Fault at a side effect. `before` and `after`: the process dies. `lost`: the effect happens, but its response is lost.
 * `retried`: the same, and the client retries, as the SDK does. The retry of a conditional PUT then fails because of the first.
 */
export type Fault = "before" | "after" | "lost" | "retried";

/** Thrown by every effect of a dead process: nothing that it does has an effect. */
export class Dead extends Error {
  override name = "Dead";
}

/** Counts the side effects of a run, and injects a fault into one of them. */
export interface Effects {
  /** Ports whose side effects are counted. */
  ports: Ports;
  /** Names of the effects so far, such as `put data/...`. */
  readonly names: string[];
  /** Whether the fault has happened. */
  readonly happened: boolean;
}

/** Returns the error of a client whose response is lost. */
const lostResponse = (name: string): Error =>
  name.startsWith("fetch")
    ? new TypeError("fetch failed", { cause: { code: "ECONNRESET" } })
    : new StorageError(`no response: ${name}`);

/**
 * Wraps ports.
 *
 * @param fault number of the effect, from 1, and its fault; null for none.
 */
export const countEffects = (inner: Ports, fault: { at: number; how: Fault } | null): Effects => {
  const names: string[] = [];
  let happened = false;
  let dead = false;

  const effect = async <Result>(name: string, perform: () => Promise<Result>): Promise<Result> => {
    if (dead) throw new Dead();
    names.push(name);
    if (fault === null || names.length !== fault.at) return perform();
    happened = true;
    if (fault.how === "before") {
      dead = true;
      throw new Dead();
    }
    const result = await perform();
    if (fault.how === "retried") return perform();
    // The SDK and the HTTP client retry a read whose response is lost.
    if (fault.how === "lost") {
      if (name.startsWith("get") || name.startsWith("head") || name.startsWith("sleep")) return result;
      throw lostResponse(name);
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
    secrets: {
      get: (field, options) => effect(`secret ${field}`, () => secrets.get(field, options)),
      put: (field, value) => effect(`put secret ${field}`, () => secrets.put(field, value)),
    },
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
