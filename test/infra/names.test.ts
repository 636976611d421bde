import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lambdaName, type StackName, scheduleName, stateMachineName } from "../../infra/names.ts";
import type { DeployedSource } from "../../infra/sources.ts";
import { stack } from "../../infra/stack.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { STACK_OPTIONS } from "./stack-options.fixture.ts";

const name: StackName = { service: "restlake", stage: "dev" };
/** Returns a source as if it were in functions/. */
const deployed = (source: string, resources: string[]): DeployedSource => {
  const defined = defineSource({
    name: source,
    client: { base_url: "https://api.shop.test", paginator: { type: "single_page" } },
    resources,
  });
  const bundle = source.replaceAll("_", "-");
  const file = `functions/${bundle}.ts`;
  return { file, path: `/${file}`, bundle, source: defined, resolved: resolveSource(defined) };
};

describe("a name in AWS", () => {
  test("is not shortened while it fits", () => {
    expect(lambdaName(name, "order_management", "orders")).toBe("restlake-dev-order_management-orders");
    expect(stateMachineName(name, "order_management")).toBe("restlake-dev-order_management");
    expect(scheduleName(name, "order_management")).toBe("restlake-dev-order_management");
    const longest = `r${"x".repeat(64 - "restlake-dev-s-r".length)}`;
    expect(lambdaName(name, "s", longest)).toBe(`restlake-dev-s-${longest}`);
  });

  test("is shortened with a stable hash when it does not fit, another one for another name", () => {
    const [one, other] = [
      lambdaName(name, "s".repeat(40), `${"r".repeat(62)}a`),
      lambdaName(name, "s".repeat(40), `${"r".repeat(62)}b`),
    ];
    expect(one).toMatch(/^restlake-dev-s{40}-r-[0-9a-f]{8}$/);
    expect(one).toHaveLength(64);
    expect(lambdaName(name, "s".repeat(40), `${"r".repeat(62)}a`)).toBe(one);
    expect(other).not.toBe(one);
  });

  test("respects each service's limit", () => {
    const long: StackName = { service: "restlake", stage: "a-stage-with-a-long-name" };
    expect(stateMachineName(long, "s".repeat(63))).toHaveLength(80);
    expect(scheduleName(long, "s".repeat(63))).toHaveLength(64);
    expect(scheduleName(long, "s".repeat(63))).not.toBe(scheduleName(long, `${"s".repeat(62)}t`));
  });
});

describe("conflicting names", () => {
  test.each<[string, [string, string[]][], RegExp]>([
    [
      "two functions of one id",
      [
        ["a", ["b_c"]],
        ["a_b", ["c"]],
      ],
      /^a_b\.c and a\.b_c get the same CloudFormation id \(ABC\): rename one of them$/,
    ],
    [
      "two sources with one id",
      [
        ["a1", ["x"]],
        ["a_1", ["y"]],
      ],
      /^functions\/a-1\.ts and functions\/a1\.ts get the same CloudFormation id \(A1\): rename one of them$/,
    ],
    [
      "a source named state_machine and the folder of open and finish",
      [["state_machine", ["x"]]],
      /^functions\/state-machine\.ts and the Lambdas open and finish get the same CloudFormation id \(StateMachine\): rename one of them$/,
    ],
    ...["open", "finish", "start", "again", "fresh", "successor", "continued", "done", "skipped"].map(
      (state): [string, [string, string[]][], RegExp] => [
        `a resource named ${state} and a fixed state`,
        [["shop", ["orders", state]]],
        new RegExp(
          `^shop\\.${state}: resource name "${state}" is the name of a state in every state machine: rename the resource, and keep its table with table_name: ${state}$`,
        ),
      ],
    ),
  ])("%s throw a ConfigError that names both", (_what, sources, message) => {
    const build = () =>
      stack(
        sources.map(([source, resources]) => deployed(source, resources)),
        STACK_OPTIONS,
      );
    expect(build).toThrow(expect.objectContaining({ name: "ConfigError", message: expect.stringMatching(message) }));
  });

  test("throw, whatever they are: no resource of a stack replaces another", () => {
    const word = fc.stringMatching(/^[ab][ab1_]{0,3}$/);
    const name = fc.oneof(
      word,
      fc.constantFrom("state_machine", "machine", "secret", "log_group", "role", "lambda", "schedule"),
    );
    const sources = fc.uniqueArray(fc.tuple(name, fc.uniqueArray(name, { minLength: 1, maxLength: 3 })), {
      minLength: 1,
      maxLength: 3,
      selector: ([source]) => source,
    });
    fc.assert(
      fc.property(sources, (given) => {
        let built: ReturnType<typeof stack>;
        try {
          built = stack(
            given.map(([source, resources]) => deployed(source, resources)),
            STACK_OPTIONS,
          );
        } catch (error) {
          return (error as Error).name === "ConfigError";
        }
        const lambdas = given.reduce((sum, [, resources]) => sum + resources.length, 2);
        expect(Object.keys(built.functions)).toHaveLength(lambdas);
        // Roles of Lambdas. Per source: state machine and its role, secret, log group, schedule and three alarms. Once: the
        // scheduler's role, the log group of open and finish, bucket and policy, queue and its alarm, topic, dashboard.
        expect(Object.keys(built.resources)).toHaveLength(lambdas + 8 * given.length + 8);
        return true;
      }),
    );
  });
});
