import { MAX_BYTES_AHEAD } from "../config/defaults.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../http/client.ts";

/** Answers to requests that were sent before their turn. */
export interface Prefetch {
  /**
   * Sends a request before its turn, if there is room. A request that was sent already is not sent again.
   *
   * @returns whether it is sent now.
   */
  ask(key: string, request: () => HttpRequest): boolean;
  /** Whether another one may go out. */
  hasRoom(): boolean;
  /** Tells of an answer that was not asked for ahead: the next ones may be as large. */
  observe(response: HttpResponse): void;
  /**
   * The answer, once; null when it did not succeed at once: then it is to be asked in its turn. Null at once when it was
   * not asked for. From the call on it is no longer ahead of its turn, and leaves its room to another one.
   */
  take(key: string): Promise<HttpResponse | null> | null;
  /** Stops and forgets what nobody will take, and leaves its room to others. */
  keep(isWanted: (key: string) => boolean): void;
  /** Stops and forgets everything that was asked; resolves when nothing is on its way any more. */
  forget(): Promise<void>;
}

/**
 * Requests ahead of their turn, at most `most` on their way or waiting to be taken. It begins with one and adds one with
 * each success; a failure halves it: an API that is asked too much is asked less. Where answers are large, there are only so
 * many that MAX_BYTES_AHEAD holds them all, each as large as the largest so far.
 *
 * An attempt ahead is a single one. It never waits and never fails the run: whoever needs the page asks again, in turn,
 * with all the patience that the config allows.
 */
export const createPrefetch = (http: Pick<HttpClient, "attempt">, most: number): Prefetch => {
  type Asked = { answer: Promise<HttpResponse | null>; controller: AbortController };
  const waiting = new Map<string, Asked>();
  const underWay = new Map<Promise<HttpResponse | null>, AbortController>();
  let room = Math.min(1, most);
  let largest = 0;
  const hasRoom = () => waiting.size < room && (waiting.size + 1) * largest <= MAX_BYTES_AHEAD;
  const observe = ({ bytes }: HttpResponse) => {
    largest = Math.max(largest, bytes);
  };

  return {
    hasRoom,
    observe,
    ask(key, request) {
      if (!hasRoom() || waiting.has(key)) return false;
      const controller = new AbortController();
      const answer = http.attempt(request(), controller.signal).then((response) => {
        underWay.delete(answer);
        // What was stopped says nothing about the API.
        if (controller.signal.aborted) return null;
        if (response !== null) observe(response);
        room = response === null ? Math.max(1, Math.floor(room / 2)) : Math.min(most, room + 1);
        return response;
      });
      underWay.set(answer, controller);
      waiting.set(key, { answer, controller });
      return true;
    },
    take(key) {
      const asked = waiting.get(key) ?? null;
      waiting.delete(key);
      return asked === null ? null : asked.answer;
    },
    keep(isWanted) {
      for (const [key, { controller }] of waiting) {
        if (isWanted(key)) continue;
        waiting.delete(key);
        controller.abort();
      }
    },
    async forget() {
      waiting.clear();
      for (const controller of underWay.values()) controller.abort();
      await Promise.all(underWay.keys());
    },
  };
};
