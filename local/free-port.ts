import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that systems hand out by themselves (32768 to 60999 on Linux, 49152 and up elsewhere): until its server listens,
 * such a port could be given to someone else, who would then be asked in its place.
 */
const FROM = 15_000;
const UP_TO = 30_000;
const ATTEMPTS = 100;

/**
 * A port of 127.0.0.1 that nobody listens on, for a server that has to be told its port.
 *
 * @throws Error when none is found.
 */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FROM, UP_TO);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      // Somebody does.
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Error(`no port from ${FROM} to ${UP_TO} is free`);
};
