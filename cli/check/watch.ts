import type { ResolvedSource } from "../../lib/config/resolved.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../../lib/http/client.ts";
import type { Ports } from "../../lib/ports/index.ts";
import { createSecrets } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";
import { maskedFieldsIn } from "../../lib/secrets/roles.ts";
import { systemClock } from "../../lib/time/clock.ts";

/** Status, headers and duration of a response. */
export interface ResponseHead {
  status: number;
  headers: Headers;
  milliseconds: number;
}

/** The ports of a check, which record what passes through them. There is no bucket, because a check writes nothing. */
export interface Watch {
  ports: Ports;
  /** Head of the response to the last request; null if it got none. */
  last(): ResponseHead | null;
  /** Returns the warnings logged since the last call. */
  warnings(): string[];
}

const ignore = () => {};

/**
 * Creates the ports of a check.
 *
 * @param secrets values by name. None of them is printed.
 */
export const createWatch = ({ name, resources }: ResolvedSource, secrets: Record<string, string>): Watch => {
  const redactor = createRedactor();
  for (const value of Object.values(secrets)) redactor.add(value, { in_data: false });
  let last: ResponseHead | null = null;
  const warnings: string[] = [];
  const warn: Ports["logger"]["warn"] = (_message, { warning, row, reason } = {}) => {
    if (warning !== undefined) warnings.push(String(warning));
    else if (row !== undefined) warnings.push(`the row of the parent with ${row} is skipped: ${reason}`);
  };
  return {
    last: () => last,
    warnings: () => warnings.splice(0),
    ports: {
      bucket: undefined as never,
      secrets: createSecrets(`of ${name}`, () => Promise.resolve(JSON.stringify(secrets)), redactor, {
        masked: maskedFieldsIn(resources),
        async putSecret(text) {
          Object.assign(secrets, JSON.parse(text));
          warnings.push("the token server replaced the refresh token: get a new one for the next command");
        },
        howToPut: (field) => `give --secret ${field}=...`,
      }),
      async fetch(url, init) {
        last = null;
        const startedAt = performance.now();
        const response = await fetch(url, init);
        const { status, headers } = response;
        last = { status, headers, milliseconds: Math.round(performance.now() - startedAt) };
        return response;
      },
      clock: systemClock,
      logger: { debug: ignore, info: ignore, warn },
      redactor,
    },
  };
};

/** Callbacks for one request. */
export interface RequestObserver {
  /** Called with every successful response, also if it is rejected afterwards. */
  onResponse(response: HttpResponse): void;
  /** Called when the request is over, whether or not it failed. */
  onEnd(isIgnored: boolean): void;
}

/** Returns a client that calls an observer for each request that it sends. */
export const observeRequests = (
  http: HttpClient,
  createObserver: (request: HttpRequest) => RequestObserver,
): HttpClient => ({
  ...http,
  async send(request, attempts, validate) {
    const observer = createObserver(request);
    let isIgnored = false;
    try {
      const response = await http.send(request, attempts, (received) => {
        observer.onResponse(received);
        return validate?.(received) ?? null;
      });
      isIgnored = response.ignored;
      return response;
    } finally {
      observer.onEnd(isIgnored);
    }
  },
});
