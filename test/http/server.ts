import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { WAIT_LIMIT } from "../limits.ts";

/** A request that the server received. */
export interface ReceivedRequest {
  method: string;
  /** Path and query, unchanged. */
  url: string;
  headers: IncomingHttpHeaders;
  /** Text of the body, which is read to its end before the response. */
  body: string;
}

/** Responds to a request. The first one has number 0. */
export type Responder = (request: IncomingMessage, response: ServerResponse, number: number) => unknown;

/** Starts an HTTP server on a free port of 127.0.0.1. It records every request before the response. */
export const startServer = async (respond: Responder) => {
  const seen: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const { method = "", url = "", headers } = request;
    const number = seen.push({ method, url, headers, body: "" }) - 1;
    if (method !== "GET") (seen[number] as ReceivedRequest).body = await text(request);
    respond(request, response, number);
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
    /** Number of open connections. */
    connections: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
};

/** Responds with JSON. */
export const json = (response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}) =>
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(value));

/** Turns of the event loop without a change after which nothing local is expected to arrive. */
const QUIET_TURNS = 30;

/** Resolves when a value has stopped changing: what was sent to a server of this process has arrived. */
export const settled = async (read: () => unknown): Promise<void> => {
  let last = read();
  for (let turns = 0; turns < QUIET_TURNS; turns++) {
    await sleep(1);
    if (read() !== last) turns = 0;
    last = read();
  }
};

/** Polls a value until the expectation holds. */
export const eventually = <Value>(read: () => Value) => expect.poll(read, { timeout: WAIT_LIMIT, interval: 2 });
