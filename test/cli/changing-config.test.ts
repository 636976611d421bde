import { describe, expect, test } from "vitest";
import { API, check, KEY, LIBRARY, write } from "./check.fixture.ts";

/** Writes a TypeScript source, and checks it. */
const checkSource = (name: string, { before = "", client = "", resources = "" }) => {
  write(
    `${name}.ts`,
    `import { defineSource, secret } from ${JSON.stringify(LIBRARY)};
    ${before}
    export const source = defineSource({
      name: "shop",
      client: { base_url: "${API}", ${client} },
      ${resources}
    });`,
  );
  return check([`${name}.ts`]);
};

const REASON =
  "value that differs each time the config is read (it depends on the time or on chance), so a run could not resume: use {run.opened_at}, such as {run.opened_at-30d:%Y-%m-%d}";

describe("B.4: check of a TypeScript config", () => {
  test("names each value that depends on the time or on chance, wherever it is", async () => {
    const { code, out, err } = await checkSource("changing", {
      before: `const day = new Date().toISOString().slice(0, 10);
      const since = new Date(Date()).toISOString();`,
      client: `headers: { "X-Day": day },`,
      resources: `resource_defaults: { endpoint: { params: { day } } },
      resources: [
        "users",
        { name: "orders", endpoint: { method: "POST", json: { range: [{ from: 1, to: "${KEY}" + Date.now() }] }, incremental: { cursor_path: "at", initial_value: since } } },
        { name: "blogPosts", endpoint: { path: "posts/" + new Date().getUTCFullYear(), method: "POST", data: { id: crypto.randomUUID(), r: Math.random() } } },
      ],`,
    });
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err.trim().split("\n")).toEqual(
      [
        "client.headers.X-Day (resources users, orders, blogPosts)",
        "resource_defaults.endpoint.params.day (resources users, orders, blogPosts)",
        "resources[1].endpoint.json.range[0].to",
        "resources[1].endpoint.incremental.initial_value",
        "resources[2].endpoint.data",
        "resources[2].endpoint.path",
      ].map((place, index) => expect.stringContaining(`${index === 0 ? "" : "changing.ts: "}${place}: ${REASON}`)),
    );
  });

  test("names the resources if their names differ", async () => {
    const { code, err } = await checkSource("names", {
      resources: `resources: ["users", "orders_" + new Date().getFullYear()],`,
    });
    expect(code).toBe(2);
    expect(err).toContain(`names.ts: resources: ${REASON}`);
  });

  test("E.9: names rows that depend on the time, which a Lambda would keep", async () => {
    const { code, err } = await checkSource("days", {
      resources: `resources: [{ name: "days", rows: [{ day: "2026-01-01" }, { day: new Date().toISOString() }] }],`,
    });
    expect(code).toBe(2);
    expect(err).toContain(
      "days.ts: resources[0].rows[1].day: value that differs each time the config is read (it depends on the time or on chance): a Lambda reads it once, and may keep it for hours. Write it out, or use {run.opened_at} in the requests of children",
    );
  });

  test("accepts constants, times of the run, and headers about the client and a request, which do not matter for a position", async () => {
    const { code, err } = await checkSource("constant", {
      before: `console.log("reading");`,
      client: `headers: { "User-Agent": "loader " + Date.now(), "X-Request-Id": crypto.randomUUID() },`,
      resources: `resources: [{ name: "users", endpoint: { params: { since: new Date(0).toISOString(), until: new Date(2026, 1, 1).toISOString(), to: "{run.opened_at}", key: secret("key") }, incremental: { cursor_path: "at", initial_value: "{run.opened_at-30d}", convert: (value) => new Date(value).getTime() } } }],`,
    });
    expect({ code, err }).toEqual({ code: 0, err: "" });
  });

  test("reports a config that cannot be read at another time", async () => {
    const { code, err } = await checkSource("expired", {
      before: `if (Date.now() > ${Date.now() + 86_400_000}) throw new Error("expired");`,
      resources: `resources: ["users"],`,
    });
    expect(code).toBe(2);
    expect(err).toContain("expired.ts: cannot be read at another time: ");
    expect(err).toContain("expired");
  });
});
