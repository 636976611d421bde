import { createFetch } from "ofetch";
import { MAX_RESPONSE_BYTES } from "../config/defaults.ts";
import { ResponseError, RestlakeError } from "../errors/index.ts";
import type { Ports } from "../ports/index.ts";
import type { Attempt } from "./attempt.ts";
import { readBody, unzip } from "./body.ts";
import { createCookies } from "./cookies.ts";
import { sameOrigin } from "./origin.ts";
import type { Peer } from "./peer.ts";
import { withTimeout } from "./timeout.ts";

const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Redirects that repeat the request; all others continue with a GET (RFC 9110, 15.4). */
const SAME_METHOD = new Set([307, 308]);

/** Complete request, as it is sent. */
export interface OutgoingRequest {
  url: URL;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: string | null;
}

/** Response with its body read to the end, whatever its status. */
export interface RawResponse {
  status: number;
  /** A copy: a function in `response_actions` may change them. */
  headers: Headers;
  bytes: Uint8Array;
}

/** Sends one request and returns its response. Redirects are followed inside the origin. */
export type Exchange = (
  peer: Peer,
  request: { method: "GET" | "POST"; url: URL },
  /** Completes the request to a URL, credentials included. Called again for each redirect. */
  complete: (url: URL) => Promise<OutgoingRequest>,
  attempt: Attempt,
) => Promise<RawResponse>;

/** @throws the error of restlake that the fetch of the ports threw, without ofetch's wrapper; otherwise the wrapper. */
const throwCause = (error: Error): never => {
  throw error.cause instanceof RestlakeError ? error.cause : error;
};

/** Drops the headers that describe a body, for a request that has none (RFC 9110, 15.4). */
const withoutContentHeaders = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith("content-")));

/**
 * Returns an exchange that sends each request once, by ofetch, with the cookies that earlier responses of its origin set.
 *
 * @param timeout seconds that each request may take, the body of its response included.
 */
export const createExchange = (
  { fetch, clock, redactor }: Pick<Ports, "fetch" | "clock" | "redactor">,
  timeout: number,
): Exchange => {
  const $fetch = createFetch({ fetch });
  const cookies = createCookies({ clock, redactor });
  return async (peer, request, complete, attempt) => {
    let { method, url } = request;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      await attempt.waitForSlot();
      const { url: target, headers: given, body } = await complete(url);
      const headers = cookies.withCookies(target, given);
      // A token request may have taken the slot.
      while (!attempt.takeSlot(peer)) await attempt.waitForSlot();
      const isSame = method === request.method;
      using limit = withTimeout(clock, attempt.signal, timeout);
      const response = await $fetch
        .raw(target.href, {
          method,
          headers: isSame ? headers : withoutContentHeaders(headers),
          // As bytes: to text, ofetch and fetch would add a content-type.
          ...(body !== null && isSame && { body: Buffer.from(body) }),
          redirect: "manual",
          responseType: "stream",
          retry: 0,
          ignoreResponseError: true,
          signal: limit.signal,
        })
        .catch(throwCause);
      cookies.store(target, response.headers);
      const location = response.headers.get("location");
      if (!REDIRECTS.has(response.status) || location === null) {
        const bytes = await unzip(await readBody(response._data ?? null, MAX_RESPONSE_BYTES), MAX_RESPONSE_BYTES);
        return { status: response.status, headers: new Headers(response.headers), bytes };
      }
      await response._data?.cancel();
      url = sameOrigin(url, location);
      if (!SAME_METHOD.has(response.status)) method = "GET";
    }
    throw new ResponseError(`${peer.name} redirected more than ${MAX_REDIRECTS} times: check ${peer.address}`);
  };
};
