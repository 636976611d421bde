import { expect, test } from "vitest";
import { parseAllowance } from "../../lib/http/rate-headers.ts";

const NOW = Date.parse("2026-11-20T09:00:00Z");

test.each<[Record<string, string>, number | null, number | null]>([
  [{ "ratelimit-remaining": "7", "ratelimit-reset": "30" }, 7, 30],
  [{ "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "60" }, 0, 60],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 + 90) }, 0, 90],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW + 1500) }, 0, 1.5],
  [{ "x-rate-limit-remaining": "3", "x-rate-limit-reset": String(NOW / 1000 + 5) }, 3, 5],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-11-20T09:01:00Z" }, 0, 60],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "Fri, 20 Nov 2026 09:02:00 GMT" }, 0, 120],
  [{ ratelimit: "limit=100, remaining=12, reset=40" }, 12, 40],
  [{ ratelimit: '"burst";r=2;t=9' }, 2, 9],
  [{ ratelimit: '"burst";r=2', "ratelimit-policy": '"burst";q=100;w=60' }, null, null],
  [{ "x-ratelimit-remaining": "0" }, null, null],
  [{ "x-ratelimit-remaining": "many", "x-ratelimit-reset": "30" }, null, null],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "soon" }, null, null],
  [{ "x-ratelimit-remaining": "-1", "x-ratelimit-reset": "30" }, null, null],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 - 5) }, null, null],
  [{ "x-ratelimit-remaining": "0", "x-ratelimit-reset": "0" }, null, null],
  [{}, null, null],
])("%j: %s requests remaining, reset in %s s", (headers, remaining, seconds) => {
  const allowance = parseAllowance(new Headers(headers), NOW);
  expect(allowance && [allowance.remaining, (allowance.reset_at - NOW) / 1000]).toEqual(
    remaining === null ? null : [remaining, seconds],
  );
});
