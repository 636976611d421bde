import { createFetch } from "ofetch";
import { MAX_RESPONSE_BYTES } from "../config/defaults.ts";
import { ResponseError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import { readBody } from "./body.ts";
import { sameOrigin } from "./origin.ts";
import type { Peer } from "./peer.ts";
import { withTimeout } from "./timeout.ts";

const MAXIMUM_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** A redirect after which the same is asked, not another thing by GET (RFC 9110, 15.4). */
const SAME_METHOD = new Set([307, 308]);

/** A request with everything in it, as it goes out. */
export interface Sent {
  method: "GET" | "POST";
  url: URL;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string | null;
}

/** An answer, read to its end. */
export interface Answer {
  status: number;
  /** A copy: a function among the response_actions may change them. */
  headers: Headers;
  bytes: Uint8Array;
}

/** An attempt ahead of its turn would have to wait: it is not made. Never leaves `lib/http`. */
export class NotNow {
  readonly reason = "not now";
}

/** One attempt at a page. It may take several requests: a token's, those of redirects. */
export interface Attempt {
  /** Ends it. */
  signal: AbortSignal;
  /** Whether it may wait, read secrets anew and have tokens. An attempt ahead of its turn may not. */
  isPatient: boolean;
  /** Resolves when the rate limit has room for a request; what it throws ends the attempt. */
  room(): Promise<void>;
  /** Counts a request that is about to go out, and says whether it may. */
  take(): boolean;
}

/** One request and its answer, redirects inside the origin included. */
export type Exchange = (
  peer: Peer,
  request: { method: "GET" | "POST"; url: URL },
  /** What goes out for a URL, credentials added; called again for each redirect. */
  complete: (url: URL) => Promise<Omit<Sent, "method">>,
  attempt: Attempt,
) => Promise<Answer>;

/** A request without its body has none of the headers that describe one (RFC 9110, 15.4). */
const withoutContent = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("content-")));

/**
 * Sends requests by ofetch, each of them once.
 *
 * @param timeout seconds that each request may take, its answer's body included.
 */
export const createExchange = ({ fetch, clock }: Pick<Ports, "fetch" | "clock">, timeout: number): Exchange => {
  const $fetch = createFetch({ fetch });
  return async (peer, request, complete, attempt) => {
    let { method, url } = request;
    for (let hop = 0; hop <= MAXIMUM_REDIRECTS; hop++) {
      await attempt.room();
      const { url: target, headers, body } = await complete(url);
      // A token may have taken the room that there was.
      while (!attempt.take()) await attempt.room();
      const isSame = method === request.method;
      using limit = withTimeout(clock, attempt.signal, timeout);
      const response = await $fetch.raw(target.href, {
        method,
        headers: isSame ? headers : withoutContent(headers),
        // As bytes: for a text, ofetch and fetch would invent a content-type.
        ...(body !== null && isSame && { body: Buffer.from(body) }),
        redirect: "manual",
        responseType: "stream",
        retry: 0,
        ignoreResponseError: true,
        signal: limit.signal,
      });
      const location = response.headers.get("location");
      if (!REDIRECTS.has(response.status) || location === null) {
        const bytes = await readBody(response._data ?? null, MAX_RESPONSE_BYTES);
        return { status: response.status, headers: new Headers(response.headers), bytes };
      }
      await response._data?.cancel();
      url = sameOrigin(url, location);
      if (!SAME_METHOD.has(response.status)) method = "GET";
    }
    throw new ResponseError(`${peer.name} redirected more than ${MAXIMUM_REDIRECTS} times`);
  };
};
