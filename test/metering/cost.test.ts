import { describe, expect, test } from "vitest";
import { activityOf } from "../../lib/metering/activity.ts";
import { costOf, PRICES } from "../../lib/metering/cost.ts";
import { addUsage, meter, NO_USAGE, roundUsage, type Usage } from "../../lib/metering/usage.ts";
import { startLake } from "../lake/lake.fixture.ts";

const usage = (more: Partial<Usage>): Usage => ({ ...NO_USAGE, ...more });

describe("the meter of an invocation", () => {
  test("counts all requests to S3, including rejected PUTs and missing keys", async () => {
    await using lake = await startLake();
    const { ports, usage: used } = meter(lake.ports, 512);
    lake.requests.length = 0;
    await ports.bucket.put("a", "1");
    expect(await ports.bucket.put("a", "2", { condition: { if_none_match: "*" } })).toBe("precondition_failed");
    expect(await ports.bucket.get("missing")).toBeNull();
    expect(await ports.bucket.head("a")).not.toBeNull();
    expect(used()).toMatchObject({ s3_puts: 2, s3_gets: 2 });
    expect(lake.requests.map(({ operation }) => operation)).toEqual([
      "PutObject",
      "PutObject",
      "GetObject",
      "HeadObject",
    ]);
    expect(used({ s3_puts: 2, s3_gets: 1 })).toMatchObject({ s3_puts: 4, s3_gets: 3 });
  });

  test("multiplies the Lambda's time since its start by its memory", async () => {
    await using lake = await startLake();
    const of = (memory_mb: number) => meter(lake.ports, memory_mb);
    const [half, double] = [of(512), of(2048)];
    lake.clock.advance(3000);
    expect(half.usage({ transitions: 4 })).toEqual(usage({ invocations: 1, gb_seconds: 1.5, transitions: 4 }));
    expect(double.usage()).toEqual(usage({ invocations: 1, gb_seconds: 6 }));
  });

  test("counts no time, invocation or transition outside Lambda", async () => {
    await using lake = await startLake();
    const { usage: used } = meter(lake.ports, null);
    lake.clock.advance(3000);
    expect(used({ s3_puts: 1, transitions: 4 })).toEqual(usage({ s3_puts: 1 }));
  });

  test("counts no transition for a manual invocation of a Lambda", async () => {
    await using lake = await startLake();
    const { transitions, usage: used } = meter(lake.ports, 512, null);
    expect(used({ transitions: transitions.invocation.done })).toEqual(usage({ invocations: 1 }));
  });
});

describe("the cost estimate", () => {
  test("is usage multiplied by price per service, and their sum", () => {
    const used = { invocations: 1_000_000, gb_seconds: 30_000, s3_puts: 10_000, s3_gets: 5000, transitions: 2000 };
    expect(costOf(used)).toEqual({
      usage: used,
      // 30,000 x 0.0000133334 + 0.20; 2 x 0.025; 10 x 0.005 + 5 x 0.0004.
      dollars: { lambda: 0.600002, step_functions: 0.05, s3: 0.052, total: 0.702002 },
      prices: PRICES,
    });
  });

  test("is zero without usage, and is rounded to a millionth of a dollar", () => {
    expect(costOf(NO_USAGE).dollars).toEqual({ lambda: 0, step_functions: 0, s3: 0, total: 0 });
    const small = costOf(usage({ invocations: 1, gb_seconds: 1, s3_puts: 1, s3_gets: 1, transitions: 1 }));
    expect(small.dollars).toEqual({ lambda: 0.000014, step_functions: 0.000025, s3: 0.000005, total: 0.000044 });
  });

  test("uses the prices that it contains", () => {
    const prices = { ...PRICES, s3_dollars_per_1000_puts: 5 } as unknown as typeof PRICES;
    expect(costOf(usage({ s3_puts: 1000 }), prices)).toMatchObject({ dollars: { s3: 5, total: 5 }, prices });
  });
});

test("usage adds up, and numbers that an older checkpoint lacks are zero", () => {
  const one = { invocations: 1, gb_seconds: 0.1, s3_puts: 2, s3_gets: 3, transitions: 4 };
  const two = { invocations: 5, gb_seconds: 0.2, s3_puts: 6, s3_gets: 7, transitions: 8 };
  const both = { invocations: 6, gb_seconds: 0.3, s3_puts: 8, s3_gets: 10, transitions: 12 };
  expect(roundUsage(addUsage(one, two))).toEqual(both);
  expect(addUsage(one, {})).toEqual(one);
  const old = activityOf({ requests: 7, invocations: 2 });
  expect(old).toMatchObject({ requests: 7, invocations: 2, throttles: 0, usage: NO_USAGE });
  expect(activityOf(null).usage).toEqual(NO_USAGE);
});
