import { expect, test } from "vitest";
import type { HttpOptions } from "../../lib/http/client.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { json } from "./server.ts";

const KEY = "a-key-of-some-length";

/** Sends one request; returns the Authorization header that arrived, and the client's response or error. */
const sendWith = async (auth: HttpOptions["auth"], status = 200) => {
  const seen: (string | undefined)[] = [];
  await using api = await startClient(
    (request, response) => {
      seen.push(request.headers.authorization);
      json(response, { echo: request.headers.authorization }, status);
    },
    { auth, secrets: { get: async () => KEY, put: async () => {} } },
  );
  const result = await api.get().catch((error: Error) => error);
  return { seen, result, redact: api.redactor.redact };
};

test("bearer sends its token", async () => {
  expect((await sendWith({ type: "bearer", token: { secret: "token" } })).seen).toEqual([`Bearer ${KEY}`]);
});

test("http_basic sends user and password, the user from the config or from the secret", async () => {
  const expected = `Basic ${Buffer.from(`me:${KEY}`).toString("base64")}`;
  expect((await sendWith({ type: "http_basic", username: "me", password: { secret: "p" } })).seen).toEqual([expected]);
  const both = await sendWith({ type: "http_basic", username: { secret: "u" }, password: { secret: "p" } });
  expect(both.seen).toEqual([`Basic ${Buffer.from(`${KEY}:${KEY}`).toString("base64")}`]);
});

test("the base64 that http_basic sends is redacted, although it shows neither user nor password", async () => {
  const { seen, redact } = await sendWith({ type: "http_basic", username: "me", password: { secret: "p" } });
  expect(redact(`sent ${seen[0]}`)).toMatch(/^sent Basic \*\*\*=*$/);
  const refused = await sendWith({ type: "http_basic", username: "me", password: { secret: "p" } }, 404);
  expect(String(refused.result)).not.toContain(Buffer.from(`me:${KEY}`).toString("base64").slice(0, 20));
});

test("a token with a character that is not allowed in a header is a SecretError", async () => {
  await using api = await startClient((_request, response) => json(response, {}), {
    auth: { type: "bearer", token: { secret: "token" } },
    secrets: { get: async () => "line\nbreak-in-the-key", put: async () => {} },
  });
  expect(String(await rejection(api.get()))).toMatch(/^SecretError: .*Authorization/);
});
