import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

const SECOND = 1000;

/** A server on this machine alone. */
export interface Listening {
  /** `http://127.0.0.1:<port>`: by IP, since `localhost` would make the AWS SDK put bucket names into the host name. */
  url: string;
  /** Takes no more connections, ends idle ones, waits for requests under way (for a client that stalls, as long as `patience`). */
  close(): Promise<void>;
}

/**
 * Serves HTTP on 127.0.0.1 only. `handle` answers one request; if it throws instead, the connection is destroyed.
 * `port` 0 takes a free one; `patience` is in milliseconds. Throws a plain Error that says what to do when the port is taken.
 */
export async function listen(
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  patience = 2 * SECOND,
): Promise<Listening> {
  const underWay = new Set<Promise<void>>();
  let closing = false;
  // Large enough that an S3 request with too much metadata reaches the code that says so; Node's limit is 16 KB.
  // Idle connections stay until close(): a client could reuse one at the very moment at which a timeout ends it.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 0 }, (request, response) => {
    const work = handle(request, response)
      .catch(() => void response.destroy())
      .finally(() => underWay.delete(work));
    underWay.add(work);
    // A connection that was busy when close() came is idle only now.
    response.once("close", () => closing && setImmediate(() => server.closeIdleConnections()));
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(refusal(port, cause)));
    server.listen(port, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => server.closeAllConnections(), patience);
      await closed;
      clearTimeout(timer);
      await Promise.allSettled(underWay);
    },
  };
}

function refusal(port: number, cause: NodeJS.ErrnoException): Error {
  const message =
    cause.code === "EADDRINUSE"
      ? `Port ${port} on 127.0.0.1 is in use. Stop the process that holds it, or choose another port (0 takes a free one).`
      : `Cannot listen on 127.0.0.1:${port}: ${cause.message}. Choose another port (0 takes a free one).`;
  return new Error(message, { cause });
}
