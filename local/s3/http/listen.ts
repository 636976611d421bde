import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SECOND } from "../../../lib/time/durations.ts";

/** A server that only this machine can reach. */
export interface Listening {
  /** `http://127.0.0.1:<port>`. With `localhost`, the AWS SDK would put bucket names into the host name. */
  url: string;
  /** Accepts no more connections, closes idle ones, and waits for requests in progress, up to `closeTimeout`. */
  close(): Promise<void>;
}

/**
 * Serves HTTP on 127.0.0.1.
 *
 * @param port 0 for a free port.
 * @param handle responds to one request. If it throws, the connection is destroyed.
 * @param closeTimeout milliseconds.
 * @throws Error when the port is in use.
 */
export async function listen(
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
  closeTimeout = 2 * SECOND,
): Promise<Listening> {
  const inProgress = new Set<Promise<void>>();
  let closing = false;
  // Requests with too much metadata must reach the code that rejects them. Node's default is 16 KB.
  // Idle connections stay open until close(): a client could reuse one at the moment when a timeout closes it.
  const server = createServer({ maxHeaderSize: 64 * 1024, keepAliveTimeout: 0 }, (request, response) => {
    const work = handle(request, response)
      .catch(() => void response.destroy())
      .finally(() => inProgress.delete(work));
    inProgress.add(work);
    // A connection that was busy when close() was called is idle only now.
    response.once("close", () => closing && setImmediate(() => server.closeIdleConnections()));
  });

  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(listenError(port, cause)));
    server.listen(port, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      closing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const timer = setTimeout(() => server.closeAllConnections(), closeTimeout);
      await closed;
      clearTimeout(timer);
      await Promise.allSettled(inProgress);
    },
  };
}

function listenError(port: number, cause: NodeJS.ErrnoException): Error {
  const message =
    cause.code === "EADDRINUSE"
      ? `port ${port} on 127.0.0.1 is in use: stop the process that uses it, or choose another port (0 for a free one)`
      : `cannot listen on 127.0.0.1:${port} (${cause.message}): choose another port (0 for a free one)`;
  return new Error(message, { cause });
}
