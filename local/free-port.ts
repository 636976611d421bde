import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Range below the ephemeral ports (32768 to 60999 on Linux, 49152 and up elsewhere). Until the server listens, the system
 * could assign an ephemeral port to another process.
 */
const MIN_PORT = 15_000;
const MAX_PORT = 30_000;
const ATTEMPTS = 100;

/**
 * Returns a free port of 127.0.0.1, for a server that cannot choose one itself.
 *
 * @throws Error when none is found.
 */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(MIN_PORT, MAX_PORT);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch {
      // The port is in use.
      continue;
    }
    server.close();
    await once(server, "close");
    return port;
  }
  throw new Error(
    `no free port found (tried ${ATTEMPTS} ports from ${MIN_PORT} to ${MAX_PORT}): stop a process that uses many ports`,
  );
};
