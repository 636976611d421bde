import { randomInt } from "node:crypto";
import { type Running, start } from "../cli/command.fixture.ts";
import { type Descendants, followDescendants } from "./processes.fixture.ts";

/** Ports below those that systems assign, and below those of `freePort`. */
const PORTS = [10_000, 14_900] as const;

/** A running `npm run offline`. */
export interface Offline {
  running: Running;
  descendants: Descendants;
  /** The first of its ports. */
  port: number;
  /** Invokes a Lambda as `curl -d '{}'` does. */
  invoke(name: string, event?: string, signal?: AbortSignal): Promise<Record<string, unknown>>;
}

/**
 * Starts `npm run offline -- --out lake` on free ports.
 *
 * @param from current folder of the user.
 * @param command entry point, of a copy of the project if the test uses one.
 */
export const startOffline = async (
  from: string,
  env: Record<string, string> = {},
  command?: string,
): Promise<Offline> => {
  for (;;) {
    const port = randomInt(...PORTS);
    const running = start(["offline", "--out", "lake", "--port", String(port)], from, env, command);
    const descendants = followDescendants(running.child.pid as number);
    const isUp = running.prints(/^ {2}curl -d '\{\}' http:\/\/127\.0\.0\.1:\d+\/\S+\/invocations$/m);
    const ended = await Promise.race([isUp.catch(() => running.ended), running.ended]);
    if (ended === undefined) {
      const invoke: Offline["invoke"] = async (name, event = "{}", signal) => {
        const url = `http://127.0.0.1:${port}/2015-03-31/functions/${name}/invocations`;
        const response = await fetch(url, { method: "POST", body: event, signal });
        return (await response.json()) as Record<string, unknown>;
      };
      return { running, descendants, port, invoke };
    }
    descendants.stop();
    // Another process may have one of its ports.
    if (!/in use|EADDRINUSE/.test(ended.err))
      throw new Error(`offline ended while starting:\n${ended.out}\n${ended.err}`);
  }
};
