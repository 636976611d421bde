import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { freePort } from "../local/free-port.ts";

/** A URL at which no server listens: a port below those that programs may take, and none that `fetch` blocks. */
export const UNREACHABLE = "http://127.0.0.1:2";

/** Starts a server that only keeps its port in use. Systems hand out no such port by themselves. */
export const occupyPort = async (): Promise<{ port: number; server: Server }> => {
  for (;;) {
    const port = await freePort();
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
      return { port, server };
    } catch {
      // Another process took it meanwhile.
    }
  }
};
