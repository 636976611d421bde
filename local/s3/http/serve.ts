import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { S3Error } from "../errors.ts";
import { errorDocument } from "./xml.ts";

/** What an operation answers. A stream must be as long as the content-length that the headers name. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Readable;
}

/** What to do with one request: answer it, carry it out and hang up (`lost`), or hang up at once (`reset`). */
export type Plan = (() => Promise<Answer>) | { lost: () => Promise<Answer> } | "reset";

/**
 * Answers one request as S3 does: errors as XML (without a body to HEAD), a request id on everything.
 * `plan` may throw S3Error; anything else thrown becomes InternalError (500) with its message.
 */
export async function serve(request: IncomingMessage, response: ServerResponse, plan: () => Plan): Promise<void> {
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  response.setHeader("x-amz-request-id", requestId);
  // A client that hangs up is no error of ours.
  response.on("error", () => {});
  let answer: Answer;
  try {
    const todo = plan();
    if (todo === "reset") return hangUp(request);
    if (typeof todo === "object") {
      await todo.lost().then(discard, () => {});
      return hangUp(request);
    }
    answer = await todo();
  } catch (thrown) {
    const error = thrown instanceof S3Error ? thrown : new S3Error(500, "InternalError", String(thrown));
    answer = {
      status: error.status,
      headers: { "content-type": "application/xml" },
      body: errorDocument(error, request.url ?? "", requestId),
    };
  }
  await send(request, response, answer);
}

async function send(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  // The rest of a body that was refused halfway: unread, it would stand before the next request of the connection.
  request.resume();
  const { status, headers = {}, body = "" } = answer;
  const length =
    typeof body === "string" && status !== 204 && status !== 304
      ? { "content-length": String(Buffer.byteLength(body)) }
      : {};
  response.writeHead(status, { ...(request.method === "HEAD" && status >= 400 ? {} : length), ...headers });
  if (request.method === "HEAD" || typeof body === "string") {
    discard(answer);
    response.end(request.method === "HEAD" ? undefined : body);
    return;
  }
  await pipeline(body, response).catch(() => {});
}

/** Ends the connection with a reset, which no client can take for an answer. */
function hangUp(request: IncomingMessage): void {
  request.socket.resetAndDestroy();
}

function discard(answer: Answer): void {
  if (typeof answer.body === "object") answer.body.destroy();
}
