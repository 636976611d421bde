import { expect, test } from "vitest";
import { createWorld, redriveMachine, rowsByResource, runMachine } from "./world.ts";

test("a redriven execution does the failed resources again, and only those", async () => {
  const world = createWorld();
  world.data.broken = (path) => path === "/items" || path === "/orders/4/returns";
  const failed = await runMachine(world, world.ports(), { owner: "execution" });
  expect(failed).toMatchObject({ status: "failed" });
  expect(JSON.stringify(failed)).toMatch(/2 of 3 resources failed: returns \(HttpError\), items \(HttpError\)/);
  expect(Object.keys(rowsByResource(world)).map((key) => key.split("@")[0])).toEqual(["orders"]);

  world.data.broken = undefined;
  const asked: string[] = [];
  const { fetch, ...rest } = world.ports();
  const ports = {
    ...rest,
    fetch: ((...args: Parameters<typeof fetch>) => {
      asked.push(new URL(String(args[0])).pathname);
      return fetch(...args);
    }) as typeof fetch,
  };
  const redriven = await redriveMachine(world, ports, { owner: "execution", failed });
  expect(redriven.status).toBe("succeeded");
  expect(asked).not.toContain("/orders");
  expect(asked).not.toContain("/orders/1/returns");
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

test("the waits of a run are counted in its report, in place and by the machine", async () => {
  const world = createWorld();
  await runMachine(world, world.ports(), { owner: "execution" });
  const [, report] = [...world.objects].find(([key]) => /^reports\/.*\.json$/.test(key)) ?? [];
  const { resources } = JSON.parse(Buffer.from(report?.body ?? "").toString());
  expect(resources.map(({ resource, waited_seconds }: Record<string, unknown>) => [resource, waited_seconds])).toEqual([
    ["orders", 0],
    ["returns", 0],
    ["items", 60],
  ]);
});
