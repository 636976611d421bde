import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createSecrets, type FetchSecret } from "../../lib/secrets/index.ts";
import { createRedactor } from "../../lib/secrets/redact.ts";

const KEY = "sk-live-0123456789";
const OTHER = "other-value-0123456789";
const HOW_TO_PUT = (field: string) =>
  `put it with: aws secretsmanager put-secret-value --secret-id restlake/crm --secret-string '{"${field}": "..."}'`;

const start = (text: Awaited<ReturnType<FetchSecret>> | FetchSecret) => {
  const redactor = createRedactor();
  const forces: boolean[] = [];
  const fetchSecret: FetchSecret = async (options) => {
    forces.push(options.force);
    return typeof text === "function" ? await text(options) : text;
  };
  return { redactor, forces, secrets: createSecrets("restlake/crm", fetchSecret, redactor) };
};

const messageOf = async (text: Parameters<typeof start>[0], field = "api_key") => {
  const { secrets } = start(text);
  const error = await secrets.get(field).catch((thrown: Error) => thrown);
  expect(error).toMatchObject({ name: "SecretError" });
  expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(new RegExp(`${KEY}|${OTHER}`));
  return (error as Error).message;
};

describe("what a secret may hold", () => {
  test.each([
    ["plain text", KEY, KEY],
    ["plain text with a line break at its end", `${KEY}\n`, KEY],
    ["digits only", "0012345678", "0012345678"],
    ["a number too long for a float", "12345678901234567890", "12345678901234567890"],
    ["text that looks like broken JSON", '{"api_key": ', '{"api_key":'],
    ["a JSON object", `{"api_key":"${KEY}","other":"${OTHER}"}`, KEY],
    ["a JSON object with white space all over", ` { "api_key": " ${KEY}\\n" } `, KEY],
    ["a JSON object with other types beside it", `{"api_key":"${KEY}","port":1,"on":true,"more":{"a":[null]}}`, KEY],
  ])("%s", async (_, text, value) => {
    expect(await start(text).secrets.get("api_key")).toBe(value);
  });

  test("plain text is every field, JSON is field by field", async () => {
    expect(await start(KEY).secrets.get("whatever")).toBe(KEY);
    expect(await start(`{"a":"${KEY}","b":"${OTHER}"}`).secrets.get("b")).toBe(OTHER);
  });
});

describe("what is missing is said, with the next step, and without a value", () => {
  test("the secret itself", async () => {
    const missing = Object.assign(new Error("no such secret"), { name: "ResourceNotFoundException" });
    const wrapped = Object.assign(new Error("wrapped", { cause: missing }), { name: "GetParameterError" });
    for (const error of [missing, wrapped]) {
      expect(await messageOf(() => Promise.reject(error))).toBe(
        `secret restlake/crm does not exist or has no value yet: ${HOW_TO_PUT("api_key")}`,
      );
    }
  });

  test("the right to read it, or the network", async () => {
    const denied = Object.assign(new Error("denied"), { name: "AccessDeniedException" });
    expect(await messageOf(() => Promise.reject(denied))).toBe(
      "secret restlake/crm cannot be read (AccessDeniedException): check its name, the role of this function and the network",
    );
    const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    expect(await messageOf(() => Promise.reject(refused))).toContain("cannot be read (ECONNREFUSED)");
    expect(await messageOf(() => Promise.reject("text"))).toContain("cannot be read (unknown)");
  });

  test("the cause of a secret that cannot be read is kept", async () => {
    const cause = new Error("why");
    const { secrets } = start(() => Promise.reject(cause));
    await expect(secrets.get("api_key")).rejects.toMatchObject({ cause });
  });

  test.each([undefined, "", " \n"])("a value (it is %j)", async (text) => {
    expect(await messageOf(text)).toBe(`secret restlake/crm is empty: ${HOW_TO_PUT("api_key")}`);
  });

  test("text (it is binary)", async () => {
    expect(await messageOf(Buffer.from(KEY))).toBe(`secret restlake/crm is binary, not text: ${HOW_TO_PUT("api_key")}`);
  });

  test.each([
    ["an absent field", `{"token":"${KEY}","user":"${OTHER}"}`, "api_key", "token, user"],
    ["any field", "{}", "api_key", "none"],
    ["text in the field", '{"api_key":""}', "api_key", "api_key"],
    ["more than white space in the field", '{"api_key":" \\n"}', "api_key", "api_key"],
    ["text, not a number", '{"api_key":1234567890}', "api_key", "api_key"],
    ["text, not null", '{"api_key":null}', "api_key", "api_key"],
    ["text, not an object", `{"api_key":{"value":"${KEY}"}}`, "api_key", "api_key"],
    ["a field of its own, not an inherited one", `{"api_key":"${KEY}"}`, "toString", "api_key"],
    ["a field of its own, not __proto__", `{"api_key":"${KEY}"}`, "__proto__", "api_key"],
  ])("%s: the fields that exist are named", async (_, text, field, fields) => {
    expect(await messageOf(text, field)).toBe(
      `secret restlake/crm has no text field "${field}" (it has: ${fields}): ${HOW_TO_PUT(field)}`,
    );
  });

  test("the next step can be another one", async () => {
    const secrets = createSecrets(
      "crm",
      async () => undefined,
      createRedactor(),
      (field, id) => `put ${field} of ${id}`,
    );
    await expect(secrets.get("token")).rejects.toThrow("secret crm is empty: put token of crm");
  });
});

describe("reading", () => {
  test("force reaches the reader, and is off unless asked for", async () => {
    const { secrets, forces } = start(KEY);
    await secrets.get("api_key");
    await secrets.get("api_key", {});
    await secrets.get("api_key", { force: true });
    expect(forces).toEqual([false, false, true]);
  });

  test("whatever was read is known to the redactor before anyone can use it, fields nobody asked for as well", async () => {
    const { secrets, redactor } = start(`{"api_key":" ${KEY} ","other":"${OTHER}"}`);
    await secrets.get("api_key");
    expect(redactor.redact(`${KEY} and ${OTHER}`)).toBe("*** and ***");
    const plain = start(` ${KEY}\n`);
    await plain.secrets.get("api_key");
    expect(plain.redactor.redact(`key=${KEY}`)).toBe("key=***");
  });

  test("also when the field is missing", async () => {
    const { secrets, redactor } = start(`{"token":"${KEY}"}`);
    await secrets.get("api_key").catch(() => {});
    expect(redactor.redact(KEY)).toBe("***");
  });

  test("a secret shows nothing of itself", async () => {
    const { secrets } = start(KEY);
    await secrets.get("api_key");
    expect(`${inspect(secrets, { depth: 9, showHidden: true })}${JSON.stringify(secrets)}`).not.toContain(KEY);
  });
});
