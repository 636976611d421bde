import type { Usage } from "./usage.ts";

/**
 * List prices of us-east-1 in US dollars, without free tiers: Lambda on arm64, S3 Standard, Step Functions Standard. Prices
 * differ by region and change over time (aws.amazon.com/lambda/pricing, /s3/pricing, /step-functions/pricing): edit them here.
 */
export const PRICES = {
  region: "us-east-1",
  lambda_architecture: "arm64",
  lambda_dollars_per_gb_second: 0.0000133334,
  lambda_dollars_per_million_requests: 0.2,
  step_functions_dollars_per_1000_transitions: 0.025,
  s3_dollars_per_1000_puts: 0.005,
  s3_dollars_per_1000_gets: 0.0004,
} as const;

/** Prices of an estimate. */
export type Prices = typeof PRICES;

/** US dollars, by the services of an AWS bill. */
export interface Dollars {
  /** Duration and requests. */
  lambda: number;
  step_functions: number;
  /** Requests, without storage. */
  s3: number;
  total: number;
}

/** `cost` in a run's report: usage, prices, and the estimate in dollars. */
export interface Cost {
  /** Usage of the whole run: its resources, `open` and `finish`. */
  usage: Usage;
  dollars: Dollars;
  prices: Prices;
}

/** Rounds to a millionth of a dollar. */
const round = (dollars: number): number => Math.round(dollars * 1e6) / 1e6;

/** Returns the cost of this usage. The total is the sum of the rounded amounts. */
export const costOf = (usage: Usage, prices: Prices = PRICES): Cost => {
  const lambda = round(
    usage.gb_seconds * prices.lambda_dollars_per_gb_second +
      (usage.invocations / 1e6) * prices.lambda_dollars_per_million_requests,
  );
  const step_functions = round((usage.transitions / 1000) * prices.step_functions_dollars_per_1000_transitions);
  const s3 = round(
    (usage.s3_puts / 1000) * prices.s3_dollars_per_1000_puts + (usage.s3_gets / 1000) * prices.s3_dollars_per_1000_gets,
  );
  return { usage, dollars: { lambda, step_functions, s3, total: round(lambda + step_functions + s3) }, prices };
};
