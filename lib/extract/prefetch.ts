import { MAX_PREFETCHED_BYTES } from "../config/defaults.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../http/client.ts";

/** Responses to requests that were sent early. */
export interface Prefetch {
  /**
   * Sends a request early, if the limit allows it and it was not sent before.
   *
   * @returns whether it was sent now.
   */
  send(key: string, request: () => HttpRequest): boolean;
  /** Whether a response waits to be taken. */
  has(key: string): boolean;
  /** Whether another request may be sent. */
  hasRoom(): boolean;
  /** Records a response that was not prefetched: the next ones may be as large. */
  observe(response: HttpResponse): void;
  /**
   * Returns the response, once; null when the request was not sent. The response is null when the attempt failed: the
   * caller then sends the request itself. After the call, the request no longer counts towards the limit.
   */
  take(key: string): Promise<HttpResponse | null> | null;
  /** Cancels and forgets the requests that are not wanted. */
  retain(isWanted: (key: string) => boolean): void;
  /** Cancels and forgets all requests; resolves when none is in flight. */
  cancel(): Promise<void>;
}

/** A request that was sent, and what cancels it. */
interface Sent {
  response: Promise<HttpResponse | null>;
  controller: AbortController;
}

/**
 * Creates a prefetch of at most `max` requests that are in flight or wait to be taken. The limit begins at one, grows by
 * one with each success, and is halved by a failure, so that an API under load gets fewer requests. Where responses are
 * large, only as many are requested as MAX_PREFETCHED_BYTES holds, each as large as the largest so far.
 *
 * A prefetch is a single attempt. It never waits and never fails the run: the page is requested again when it is due, with
 * all retries of the config.
 */
export const createPrefetch = (http: Pick<HttpClient, "prefetch">, max: number): Prefetch => {
  const waiting = new Map<string, Sent>();
  const inFlight = new Map<Promise<HttpResponse | null>, AbortController>();
  let limit = Math.min(1, max);
  let largest = 0;
  const hasRoom = () => waiting.size < limit && (waiting.size + 1) * largest <= MAX_PREFETCHED_BYTES;
  const observe = ({ bytes }: HttpResponse) => {
    largest = Math.max(largest, bytes);
  };

  return {
    has: (key) => waiting.has(key),
    hasRoom,
    observe,
    send(key, request) {
      if (!hasRoom() || waiting.has(key)) return false;
      const controller = new AbortController();
      const response = http.prefetch(request(), controller.signal).then((received) => {
        inFlight.delete(response);
        // The limit ignores cancelled requests.
        if (controller.signal.aborted) return null;
        if (received !== null) observe(received);
        limit = received === null ? Math.max(1, Math.floor(limit / 2)) : Math.min(max, limit + 1);
        return received;
      });
      inFlight.set(response, controller);
      waiting.set(key, { response, controller });
      return true;
    },
    take(key) {
      const sent = waiting.get(key) ?? null;
      waiting.delete(key);
      return sent === null ? null : sent.response;
    },
    retain(isWanted) {
      for (const [key, { controller }] of waiting) {
        if (isWanted(key)) continue;
        waiting.delete(key);
        controller.abort();
      }
    },
    async cancel() {
      waiting.clear();
      for (const controller of inFlight.values()) controller.abort();
      await Promise.all(inFlight.keys());
    },
  };
};
