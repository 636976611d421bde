import { expect, test } from "vitest";
import { createWorld, redriveStateMachine, rowsByResource, runStateMachine } from "./world.ts";

test("a redriven execution loads only the failed resources", async () => {
  const world = createWorld();
  world.data.broken = (path) => path === "/items" || path === "/orders/4/returns";
  const failed = await runStateMachine(world, world.ports(), { owner: "execution" });
  expect(failed).toMatchObject({ status: "failed" });
  expect(JSON.stringify(failed)).toMatch(/2 of 3 resources failed: returns \(HttpError\), items \(HttpError\)/);
  expect(Object.keys(rowsByResource(world)).map((key) => key.split("@")[0])).toEqual(["orders"]);

  world.data.broken = undefined;
  const requested: string[] = [];
  const { fetch, ...rest } = world.ports();
  const ports = {
    ...rest,
    fetch: ((...args: Parameters<typeof fetch>) => {
      requested.push(new URL(String(args[0])).pathname);
      return fetch(...args);
    }) as typeof fetch,
  };
  const redriven = await redriveStateMachine(world, ports, { owner: "execution", failed });
  expect(redriven.status).toBe("succeeded");
  expect(requested).not.toContain("/orders");
  expect(requested).not.toContain("/orders/1/returns");
  const rows = rowsByResource(world);
  expect(
    Object.keys(rows)
      .map((key) => key.split("@")[0])
      .sort(),
  ).toEqual(["items", "orders", "returns"]);
  expect(Object.values(rows).map((of) => of.map(({ _seq }) => _seq))).toEqual(
    Object.values(rows).map((of) => of.map((_, index) => index + 1)),
  );
});

test("the report of a run includes waits in the Lambda and waits of the state machine", async () => {
  const world = createWorld();
  await runStateMachine(world, world.ports(), { owner: "execution" });
  const [, report] = [...world.objects].find(([key]) => /^reports\/.*\.json$/.test(key)) ?? [];
  const { resources } = JSON.parse(Buffer.from(report?.body ?? "").toString());
  expect(resources.map(({ resource, waited_seconds }: Record<string, unknown>) => [resource, waited_seconds])).toEqual([
    ["orders", 0],
    ["returns", 0],
    ["items", 60],
  ]);
});
