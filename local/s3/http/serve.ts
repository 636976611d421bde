import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { S3Error } from "../errors.ts";
import { errorDocument } from "./xml.ts";

/** The response of an operation. A stream must have the length of the content-length header. */
export interface S3Response {
  status: number;
  headers?: Record<string, string>;
  body?: string | Readable;
}

/** How to handle a request: respond, perform it and reset the connection (`lost`), or reset the connection (`reset`). */
export type Plan = (() => Promise<S3Response>) | { lost: () => Promise<S3Response> } | "reset";

/**
 * Responds to one request as S3 does: with a request id, and errors as XML (for HEAD, without a body).
 *
 * @param plan may throw S3Error. Any other error becomes InternalError (500) with its message.
 */
export async function serve(request: IncomingMessage, response: ServerResponse, plan: () => Plan): Promise<void> {
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  response.setHeader("x-amz-request-id", requestId);
  // A client may close the connection.
  response.on("error", () => {});
  let result: S3Response;
  try {
    const planned = plan();
    if (planned === "reset") return resetConnection(request);
    if (typeof planned === "object") {
      await planned.lost().then(discard, () => {});
      return resetConnection(request);
    }
    result = await planned();
  } catch (thrown) {
    const error = thrown instanceof S3Error ? thrown : new S3Error(500, "InternalError", String(thrown));
    result = {
      status: error.status,
      headers: { "content-type": "application/xml" },
      body: errorDocument(error, request.url ?? "", requestId),
    };
  }
  await send(request, response, result);
}

async function send(request: IncomingMessage, response: ServerResponse, result: S3Response): Promise<void> {
  // Drains a body that was rejected halfway: it would precede the connection's next request.
  request.resume();
  const { status, headers = {}, body = "" } = result;
  const length =
    typeof body === "string" && status !== 204 && status !== 304
      ? { "content-length": String(Buffer.byteLength(body)) }
      : {};
  response.writeHead(status, { ...(request.method === "HEAD" && status >= 400 ? {} : length), ...headers });
  if (request.method === "HEAD" || typeof body === "string") {
    discard(result);
    response.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  await pipeline(body, response).catch(() => {});
}

/** Closes the connection with a reset, so that no client receives a response. */
function resetConnection(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

function discard({ body }: S3Response): void {
  if (typeof body === "object") body.destroy();
}
