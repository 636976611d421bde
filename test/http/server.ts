import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { expect } from "vitest";
import { WAIT_LIMIT } from "../limits.ts";

/** What a request looked like. */
export interface Seen {
  method: string;
  /** Path and query, as they came. */
  url: string;
  headers: IncomingHttpHeaders;
  /** Text of the body, read to its end before the answer. */
  body: string;
}

/** Answers the request of that number, counted from 0. */
export type Answer = (request: IncomingMessage, response: ServerResponse, number: number) => unknown;

/** A real HTTP server on a free port of 127.0.0.1. It notes every request before it answers. */
export const startServer = async (answer: Answer) => {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const number = seen.push({ method, url, headers, body: "" }) - 1;
    if (method !== "GET") (seen[number] as Seen).body = await text(request);
    answer(request, response, number);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    seen,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Connections that are open now. */
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};

/** Answers with JSON. */
export const json = (response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));

/** Expects of a value that it comes to be, however long that takes. */
export const eventually = <Value>(read: () => Value) => expect.poll(read, { timeout: WAIT_LIMIT, interval: 2 });
