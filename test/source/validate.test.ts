import { describe, expect, test } from "vitest";
import { ConfigError } from "../../lib/errors.ts";
import { validateSource } from "../../lib/source/schema/validate.ts";
import { secretsIn } from "../../lib/source/secret.ts";
import { BAD_CONFIGS, goodConfig, LITERAL_KEY } from "./bad-configs.fixture.ts";

const FILE = "functions/crm.ts";

const linesOf = (config: unknown, settings: unknown = {}): string[] => {
  try {
    validateSource(FILE, { config, settings });
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    expect(`${(error as Error).stack}`).not.toContain(LITERAL_KEY);
    return (error as Error).message.split("\n").map((line) => {
      expect(line.startsWith(`${FILE}: `)).toBe(true);
      return line.slice(FILE.length + 2);
    });
  }
};

test("a config without a mistake says nothing", () => {
  expect(linesOf(goodConfig())).toEqual([]);
});

describe("a mistake is told with its path, what is wrong, and what is allowed", () => {
  test.each(BAD_CONFIGS)("$is", ({ spoil, says }) => {
    const config = goodConfig();
    const [resource] = config.resources;
    spoil(config, config.client, resource, resource.endpoint);
    expect(linesOf(config)).toEqual(says);
  });

  test.each([null, undefined, "crm", 5, []].map((config) => [config]))("a config that is %j", (config) => {
    expect(linesOf(config)).toEqual([expect.stringMatching(/^the config: expected object, received \w+/)]);
  });
});

test("all mistakes at once: of the source, the client, its resources and the settings", () => {
  const config = goodConfig();
  config.client.base_url = "x";
  config.client.auth.api_key = LITERAL_KEY;
  config.resources[0].write_disposition = "upsert";
  config.resources.push({ name: "Teams", endpont: "/teams" });
  config.nam = "crm";
  expect(linesOf(config, { shedule: 1, max_wait: "6h" })).toEqual([
    'client.base_url: must be an http or https URL (it is "x")',
    expect.stringMatching(/^client\.auth\.api_key: must be secret/),
    'resources[0].write_disposition: expected "append", "replace" or "merge" (it is "upsert")',
    expect.stringMatching(/^resources\[1\]\.name: must match .* \(it is "Teams"\)$/),
    expect.stringMatching(/^resources\[1\]: unknown key "endpont", did you mean "endpoint"\? Allowed: name, endpoint,/),
    expect.stringMatching(/^the config: unknown key "nam", did you mean "name"\?/),
    'settings.max_wait: expected number, received string (it is "6h")',
    expect.stringMatching(/^settings: unknown key "shedule", did you mean "schedule"\? Allowed: schedule, timezone,/),
  ]);
});

describe("settings", () => {
  test.each([
    [{ schedule: "every day" }, 'settings.schedule: must be cron(...) or rate(...) (it is "every day")'],
    [
      { timezone: "Mars/Olympus" },
      'settings.timezone: must be an IANA time zone, such as Europe/Vienna (it is "Mars/Olympus")',
    ],
    [{ request_timeout: 0 }, "settings.request_timeout: Too small: expected number to be >0 (it is 0)"],
    [{ max_wait: -1 }, "settings.max_wait: Too small: expected number to be >=0 (it is -1)"],
    [{ file_max_items: 0 }, "settings.file_max_items: Too small: expected number to be >0 (it is 0)"],
    [{ file_max_bytes: 1.5 }, "settings.file_max_bytes: expected int, received number (it is 1.5)"],
    [null, "settings: expected object, received null (it is null)"],
  ])("%j", (settings, line) => {
    expect(linesOf(goodConfig(), settings)).toEqual([line]);
  });

  test("good ones pass", () => {
    const settings = { schedule: "cron(0 3 * * ? *)", timezone: "Europe/Vienna", request_timeout: 0.5, max_wait: 0 };
    expect(linesOf(goodConfig(), settings)).toEqual([]);
  });
});

describe("what is no mistake", () => {
  test.each<[string, (config: ReturnType<typeof goodConfig>) => void]>([
    ["a resource that is a string", (config) => config.resources.push("teams")],
    ["short forms of paginators", (config) => Object.assign(config.client, { paginator: "page_number" })],
    ["null for a default", (config) => Object.assign(config.resources[0], { primary_key: null, columns: null })],
    ["null for what the client could have", (config) => Object.assign(config.client, { auth: null, headers: null })],
    ["paths from the root", (config) => Object.assign(config.resources[0].endpoint, { data_selector: "$.data.items" })],
    [
      "one stop rule",
      (config) =>
        Object.assign(config.resources[0].endpoint, {
          paginator: { type: "page_number", stop_after_empty_page: false, total_path: null, maximum_page: 3 },
        }),
    ],
    [
      "dlt's reliance on the default total",
      (config) => Object.assign(config.resources[0].endpoint.paginator, { stop_after_empty_page: false }),
    ],
    [
      "a header with a secret",
      (config) => Object.assign(config.client, { headers: { "X-Token": { secret: "token" } } }),
    ],
    [
      "an odd name for a query parameter",
      (config) => Object.assign(config.client.auth, { name: "api key[]", location: "query" }),
    ],
    [
      "braces that are no placeholder",
      (config) => Object.assign(config.resources[0].endpoint, { params: { filter: '{"a":1}', q: "{id}" } }),
    ],
  ])("%s", (_, change) => {
    const config = goodConfig();
    change(config);
    expect(linesOf(config)).toEqual([]);
  });
});

test("the secrets of a config are found wherever they are", () => {
  const config = goodConfig();
  config.client.headers = { "X-Token": { secret: "token" } };
  expect(secretsIn(config).sort()).toEqual(["api_key", "token"]);
  expect(secretsIn({ secret: "a", more: { secret: "b" } })).toEqual(["b"]);
  expect(secretsIn(null)).toEqual([]);
});
