import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { functionName, type StackName, scheduleName, stateMachineName } from "../../infra/names.ts";
import type { DeployedSource } from "../../infra/sources.ts";
import { stack } from "../../infra/stack.ts";
import { defineSource } from "../../lib/config/index.ts";
import { resolveSource } from "../../lib/config/resolve.ts";
import { STACK_OPTIONS } from "./stack-options.fixture.ts";

const name: StackName = { service: "restlake", stage: "dev" };
/** A source as if it were deployed from functions/. */
const deployed = (source: string, resources: string[]): DeployedSource => {
  const defined = defineSource({
    name: source,
    client: { base_url: "https://api.shop.test", paginator: { type: "single_page" } },
    resources,
  });
  const entry = `functions/${source.replaceAll("_", "-")}`;
  return { file: `${entry}.ts`, entry, source: defined, resolved: resolveSource(defined) };
};

describe("a name in AWS", () => {
  test("is written out while it fits", () => {
    expect(functionName(name, "order_management", "orders")).toBe("restlake-dev-order_management-orders");
    expect(stateMachineName(name, "order_management")).toBe("restlake-dev-order_management");
    expect(scheduleName(name, "order_management")).toBe("restlake-dev-order_management");
    const longest = `r${"x".repeat(64 - "restlake-dev-s-r".length)}`;
    expect(functionName(name, "s", longest)).toBe(`restlake-dev-s-${longest}`);
  });

  test("is cut with a hash when it does not, the same every time, and another for another", () => {
    const [one, other] = [
      functionName(name, "s".repeat(40), `${"r".repeat(62)}a`),
      functionName(name, "s".repeat(40), `${"r".repeat(62)}b`),
    ];
    expect(one).toMatch(/^restlake-dev-s{40}-r-[0-9a-f]{8}$/);
    expect(one).toHaveLength(64);
    expect(functionName(name, "s".repeat(40), `${"r".repeat(62)}a`)).toBe(one);
    expect(other).not.toBe(one);
  });

  test("keeps to each service's limit", () => {
    const long: StackName = { service: "restlake", stage: "a-stage-with-a-long-name" };
    expect(stateMachineName(long, "s".repeat(63))).toHaveLength(80);
    expect(scheduleName(long, "s".repeat(63))).toHaveLength(64);
    expect(scheduleName(long, "s".repeat(63))).not.toBe(scheduleName(long, `${"s".repeat(62)}t`));
  });
});

describe("names that do not go together", () => {
  test.each<[string, [string, string[]][], RegExp]>([
    [
      "two functions of one id",
      [
        ["a", ["b_c"]],
        ["a_b", ["c"]],
      ],
      /^a_b\.c and a\.b_c get the same CloudFormation id ABC: rename one of them$/,
    ],
    [
      "two sources of one id",
      [
        ["a1", ["x"]],
        ["a_1", ["y"]],
      ],
      /^functions\/a-1\.ts and functions\/a1\.ts get the same CloudFormation id A1: rename one of them$/,
    ],
    [
      "a source like the machine's own folder",
      [["machine", ["x"]]],
      /^functions\/machine\.ts and functions\/state-machine\/ get the same CloudFormation id Machine: rename one of them$/,
    ],
    ...["open", "finish", "start", "again", "fresh", "successor", "continued", "done", "skipped"].map(
      (state): [string, [string, string[]][], RegExp] => [
        `a resource named like the fixed state ${state}`,
        [["shop", ["orders", state]]],
        new RegExp(
          `^shop\\.${state}: resource name "${state}" is the name of a state in every state machine: rename the resource, and keep its table with table_name: ${state}$`,
        ),
      ],
    ),
  ])("%s: a ConfigError names both", (_what, sources, message) => {
    const build = () =>
      stack(
        sources.map(([source, resources]) => deployed(source, resources)),
        STACK_OPTIONS,
      );
    expect(build).toThrow(expect.objectContaining({ name: "ConfigError", message: expect.stringMatching(message) }));
  });

  test("are refused, whatever they are: nothing in a stack takes another's place", () => {
    const word = fc.stringMatching(/^[ab][ab1_]{0,3}$/);
    const machine = fc.oneof(word, fc.constantFrom("machine", "secret", "log_group", "role", "lambda", "schedule"));
    const sources = fc.uniqueArray(fc.tuple(machine, fc.uniqueArray(machine, { minLength: 1, maxLength: 3 })), {
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
        const functions = given.reduce((sum, [, resources]) => sum + resources.length, 2);
        expect(Object.keys(built.functions)).toHaveLength(functions);
        // Roles of functions; machine and its role, secret, log group, schedule and three alarms; scheduler's role, machine's log
        // group, bucket and its policy, the queue for failed starts and its alarm, topic, dashboard.
        expect(Object.keys(built.resources)).toHaveLength(functions + 8 * given.length + 8);
        return true;
      }),
    );
  });
});
