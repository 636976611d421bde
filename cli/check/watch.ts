import type { HttpClient, HttpRequest, HttpResponse } from "../../lib/http/client.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { systemClock } from "../../lib/time/clock.ts";

/** What came back, good or bad. */
export interface Seen {
  status: number;
  headers: Headers;
  milliseconds: number;
}

/** The side effects of a check, and eyes on them. There is no bucket: nothing is written. */
export interface Watch {
  ports: Ports;
  /** The last answer that came; null when none did. */
  last(): Seen | null;
  /** What the log warned of since the last time that somebody asked. */
  warnings(): string[];
}

const quiet = () => {};

/** @param secrets values by field; none of them is shown. */
export const createWatch = (source: string, secrets: Record<string, string>): Watch => {
  const redactor = createRedactor();
  for (const value of Object.values(secrets)) redactor.add(value);
  let last: Seen | null = null;
  const warnings: string[] = [];
  return {
    last: () => last,
    warnings: () => warnings.splice(0),
    ports: {
      bucket: undefined as never,
      secrets: createSecrets(
        `of ${source}`,
        () => Promise.resolve(JSON.stringify(secrets)),
        redactor,
        (field) => `give --secret ${field}=...`,
      ),
      async fetch(url, init) {
        last = null;
        const startedAt = performance.now();
        const response = await fetch(url, init);
        const { status, headers } = response;
        last = { status, headers, milliseconds: Math.round(performance.now() - startedAt) };
        return response;
      },
      clock: systemClock,
      logger: { debug: quiet, info: quiet, warn: (_message, fields) => void warnings.push(String(fields?.warning)) },
      redactor,
    },
  };
};

/** Told of each request before it is sent; what it returns is told of the answer, once as it came and once it is accepted. */
export type Witness = (request: HttpRequest) => { came(answer: HttpResponse): void; done(isIgnored: boolean): void };

/** A client with a witness. A good answer came also when it is of no use in the end. */
export const witnessed = (http: HttpClient, witness: Witness): HttpClient => ({
  ...http,
  async send(request, attempts, doubt) {
    const { came, done } = witness(request);
    let isIgnored = false;
    try {
      const answer = await http.send(request, attempts, (good) => {
        came(good);
        return doubt?.(good) ?? null;
      });
      isIgnored = answer.ignored;
      return answer;
    } finally {
      done(isIgnored);
    }
  },
});
