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

describe("a secret may be", () => {
  test.each([
    ["plain text", KEY, KEY],
    ["plain text with a line break at the end", `${KEY}\n`, KEY],
    ["digits only", "0012345678", "0012345678"],
    ["a number too long for a float", "12345678901234567890", "12345678901234567890"],
    ["text that looks like broken JSON", '{"api_key": ', '{"api_key":'],
    ["a JSON object", `{"api_key":"${KEY}","other":"${OTHER}"}`, KEY],
    ["a JSON object with white space everywhere", ` { "api_key": " ${KEY}\\n" } `, KEY],
    ["a JSON object with fields of other types", `{"api_key":"${KEY}","port":1,"on":true,"more":{"a":[null]}}`, KEY],
  ])("%s", async (_, text, value) => {
    expect(await start(text).secrets.get("api_key")).toBe(value);
  });

  test("plain text, which is every field, or JSON with one value per field", async () => {
    expect(await start(KEY).secrets.get("whatever")).toBe(KEY);
    expect(await start(`{"a":"${KEY}","b":"${OTHER}"}`).secrets.get("b")).toBe(OTHER);
  });
});

describe("the error for a missing secret has the next step and no secret value:", () => {
  test("the secret does not exist", async () => {
    const missing = Object.assign(new Error("no such secret"), { name: "ResourceNotFoundException" });
    const wrapped = Object.assign(new Error("wrapped", { cause: missing }), { name: "GetParameterError" });
    for (const error of [missing, wrapped]) {
      expect(await messageOf(() => Promise.reject(error))).toBe(
        `secret restlake/crm does not exist or has no value yet: ${HOW_TO_PUT("api_key")}`,
      );
    }
  });

  test("the secret cannot be read, for lack of permission or network", async () => {
    const denied = Object.assign(new Error("denied"), { name: "AccessDeniedException" });
    expect(await messageOf(() => Promise.reject(denied))).toBe(
      "secret restlake/crm cannot be read (AccessDeniedException): check its name, the role of this function and the network",
    );
    const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });
    expect(await messageOf(() => Promise.reject(refused))).toContain("cannot be read (ECONNREFUSED)");
    expect(await messageOf(() => Promise.reject("text"))).toContain("cannot be read (unknown)");
  });

  test("the secret cannot be read, and the cause is kept", async () => {
    const cause = new Error("why");
    const { secrets } = start(() => Promise.reject(cause));
    await expect(secrets.get("api_key")).rejects.toMatchObject({ cause });
  });

  test.each([undefined, "", " \n"])("the secret is empty (%j)", async (text) => {
    expect(await messageOf(text)).toBe(`secret restlake/crm is empty: ${HOW_TO_PUT("api_key")}`);
  });

  test("the secret is binary", async () => {
    expect(await messageOf(Buffer.from(KEY))).toBe(`secret restlake/crm is binary, not text: ${HOW_TO_PUT("api_key")}`);
  });

  test.each([
    ["the field is absent", `{"token":"${KEY}","user":"${OTHER}"}`, "api_key", "token, user"],
    ["there are no fields", "{}", "api_key", "none"],
    ["the field is empty", '{"api_key":""}', "api_key", "api_key"],
    ["the field has only white space", '{"api_key":" \\n"}', "api_key", "api_key"],
    ["the field is a number", '{"api_key":1234567890}', "api_key", "api_key"],
    ["the field is null", '{"api_key":null}', "api_key", "api_key"],
    ["the field is an object", `{"api_key":{"value":"${KEY}"}}`, "api_key", "api_key"],
    ["the field is inherited", `{"api_key":"${KEY}"}`, "toString", "api_key"],
    ["the field is __proto__", `{"api_key":"${KEY}"}`, "__proto__", "api_key"],
  ])("%s, so the existing fields are listed", async (_, text, field, fields) => {
    expect(await messageOf(text, field)).toBe(
      `secret restlake/crm has no text field "${field}" (it has: ${fields}): ${HOW_TO_PUT(field)}`,
    );
  });

  test("the next step can be customized", async () => {
    const secrets = createSecrets("crm", async () => undefined, createRedactor(), {
      howToPut: (field, id) => `put ${field} of ${id}`,
    });
    await expect(secrets.get("token")).rejects.toThrow("secret crm is empty: put token of crm");
  });
});

describe("writing a field", () => {
  const startWritable = (text: string, putSecret?: (text: string) => Promise<unknown>) => {
    const stored = { text };
    const put = async (value: string) => {
      stored.text = value;
    };
    const redactor = createRedactor();
    const options = { putSecret: putSecret ?? put };
    return { stored, redactor, secrets: createSecrets("restlake/crm", async () => stored.text, redactor, options) };
  };

  test("keeps the others, as they are stored at that time", async () => {
    const { stored, secrets, redactor } = startWritable(`{"refresh":"${OTHER}","api_key":"old"}`);
    await secrets.get("api_key");
    stored.text = `{"refresh":"${OTHER}","api_key":"${KEY}"}`;
    await secrets.put("refresh", "new-refresh-token");
    expect(stored.text).toBe(`{"refresh":"new-refresh-token","api_key":"${KEY}"}`);
    expect(redactor.redact("new-refresh-token")).toBe("***");
    expect(await secrets.get("refresh")).toBe("new-refresh-token");
  });

  test("of a secret that is plain text replaces it", async () => {
    const { stored, secrets } = startWritable(OTHER);
    await secrets.put("refresh", KEY);
    expect(stored.text).toBe(KEY);
  });

  test("that is not allowed is an error with the next step, without a value", async () => {
    const denied = Object.assign(new Error("denied"), { name: "AccessDeniedException" });
    for (const [putSecret, reason] of [[() => Promise.reject(denied), "AccessDeniedException"]] as const) {
      const { secrets } = startWritable(`{"refresh":"${OTHER}"}`, putSecret);
      const error = await secrets.put("refresh", KEY).catch((thrown: Error) => thrown);
      expect(inspect(error, { depth: 20 })).not.toContain(KEY);
      expect(error).toMatchObject({
        name: "SecretError",
        message: `the new value of "refresh" cannot be written to secret restlake/crm (${reason}), and the old one may be invalid: allow this function to write the secret, and put a new value into it`,
      });
    }
  });
});

describe("reading a secret", () => {
  test("passes force on, which is off by default", async () => {
    const { secrets, forces } = start(KEY);
    await secrets.get("api_key");
    await secrets.get("api_key", {});
    await secrets.get("api_key", { force: true });
    expect(forces).toEqual([false, false, true]);
  });

  test("registers all its fields with the redactor before returning one", async () => {
    const { secrets, redactor } = start(`{"api_key":" ${KEY} ","other":"${OTHER}"}`);
    await secrets.get("api_key");
    expect(redactor.redact(`${KEY} and ${OTHER}`)).toBe("*** and ***");
    const plain = start(` ${KEY}\n`);
    await plain.secrets.get("api_key");
    expect(plain.redactor.redact(`key=${KEY}`)).toBe("key=***");
  });

  test("registers its fields although the requested one is missing", async () => {
    const { secrets, redactor } = start(`{"token":"${KEY}"}`);
    await secrets.get("api_key").catch(() => {});
    expect(redactor.redact(KEY)).toBe("***");
  });

  test("leaves no value in the inspected object", async () => {
    const { secrets } = start(KEY);
    await secrets.get("api_key");
    expect(`${inspect(secrets, { depth: 9, showHidden: true })}${JSON.stringify(secrets)}`).not.toContain(KEY);
  });
});
