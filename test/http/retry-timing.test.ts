import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseRetryAfter, retryWait } from "../../lib/http/retry-timing.ts";
import { START } from "./client.fixture.ts";

const LATER = START + 90_000;
const rfc850 = "Friday, 20-Nov-26 09:01:30 GMT";
const asctime = "Fri Nov 20 09:01:30 2026";

describe("Retry-After", () => {
  test.each([
    ["120", 120],
    [" 5 ", 5],
    ["0", 0],
    ["1.5", 1.5],
    [new Date(LATER).toUTCString(), 90],
    [rfc850, 90],
    [asctime, 90],
    [new Date(START).toUTCString(), 0],
  ])("%j is a wait of %d s", (header, seconds) => {
    expect(parseRetryAfter(header, START)).toBe(seconds);
  });

  test("asctime dates are read as UTC in any time zone", () => {
    const zone = process.env.TZ;
    process.env.TZ = "America/New_York";
    try {
      expect(new Date(START).getTimezoneOffset()).toBe(300);
      expect(parseRetryAfter(asctime, START)).toBe(90);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  test.each([
    ["absent", null],
    ["empty", ""],
    ["past", new Date(START - 1000).toUTCString()],
    ["negative", "-5"],
    ["a Unix time", "1795165200"],
    ["a unit", "120s"],
    ["an exponent", "1e3"],
    ["hexadecimal", "0x10"],
    ["two headers", "5, 10"],
    ["words", "soon"],
    ["words with a year, in which Date.parse finds a date", "tomorrow 2027"],
    ["an invalid date", "Fri, 99 Nov 2026 09:01:30 GMT"],
    ["a date of ISO 8601", "2026-11-20T09:01:30Z"],
    ["a date in local time", "Fri, 20 Nov 2026 09:01:30"],
    ["over a year away", new Date(START + 400 * 86_400_000).toUTCString()],
    ["not finite", "9".repeat(400)],
  ])("%s counts as absent", (_, header) => {
    expect(parseRetryAfter(header, START)).toBeNull();
  });

  test("is null or between 0 s and a year, whatever the header contains", () => {
    const headers = fc.oneof(fc.string(), fc.stringMatching(/^[A-Z][a-z]{2}, [ -~]{0,30}$/), fc.double().map(String));
    fc.assert(
      fc.property(headers, (header) => {
        const seconds = parseRetryAfter(header, START);
        expect(seconds === null || (seconds >= 0 && seconds <= 366 * 86_400)).toBe(true);
      }),
    );
  });
});

describe("the wait before a retry", () => {
  const handler = { backoff_factor: 2, min_retry_after: 0 };

  test("backs off by powers of backoff_factor, with full jitter", () => {
    expect([1, 2, 3, 4].map((attempt) => retryWait(handler, attempt, null, () => 1))).toEqual([2, 4, 8, 16]);
    expect(retryWait(handler, 3, null, () => 0.25)).toBe(2);
    expect(retryWait(handler, 3, null, () => 0)).toBe(0);
  });

  test("is the longest of min_retry_after, Retry-After and backoff, and jitter shortens only the backoff", () => {
    fc.assert(
      fc.property(
        fc.nat(100),
        fc.option(fc.nat(100)),
        fc.integer({ min: 1, max: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (min_retry_after, retryAfter, attempt, chance) => {
          const seconds = retryWait({ backoff_factor: 2, min_retry_after }, attempt, retryAfter, () => chance);
          expect(seconds).toBe(Math.max(min_retry_after, retryAfter ?? 0, chance * 2 ** attempt));
        },
      ),
    );
  });
});
