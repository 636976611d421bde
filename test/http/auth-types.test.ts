import { expect, test } from "vitest";
import type { HttpOptions } from "../../lib/http/client.ts";
import { rejection, startClient } from "./client.fixture.ts";
import { json } from "./server.ts";

const KEY = "a-key-of-some-length";

/** What the server saw of the authorization, and what the client says when it is refused. */
const ask = async (auth: HttpOptions["auth"], status = 200) => {
  const seen: (string | undefined)[] = [];
  await using api = await startClient(
    (request, response) => {
      seen.push(request.headers.authorization);
      json(response, { echo: request.headers.authorization }, status);
    },
    { auth, secrets: { get: async () => KEY } },
  );
  const answer = await api.get().catch((error: Error) => error);
  return { seen, answer, redact: api.redactor.redact };
};

test("bearer sends its token", async () => {
  expect((await ask({ type: "bearer", token: { secret: "token" } })).seen).toEqual([`Bearer ${KEY}`]);
});

test("http_basic sends user and password, the user from the config or from the secret", async () => {
  const expected = `Basic ${Buffer.from(`me:${KEY}`).toString("base64")}`;
  expect((await ask({ type: "http_basic", username: "me", password: { secret: "p" } })).seen).toEqual([expected]);
  const both = await ask({ type: "http_basic", username: { secret: "u" }, password: { secret: "p" } });
  expect(both.seen).toEqual([`Basic ${Buffer.from(`${KEY}:${KEY}`).toString("base64")}`]);
});

test("what http_basic sends is masked, though neither name nor password can be seen in it", async () => {
  const { seen, redact } = await ask({ type: "http_basic", username: "me", password: { secret: "p" } });
  expect(redact(`sent ${seen[0]}`)).toMatch(/^sent Basic \*\*\*=*$/);
  const refused = await ask({ type: "http_basic", username: "me", password: { secret: "p" } }, 404);
  expect(String(refused.answer)).not.toContain(Buffer.from(`me:${KEY}`).toString("base64").slice(0, 20));
});

test("a token that no header can carry is a SecretError", async () => {
  await using api = await startClient((_request, response) => json(response, {}), {
    auth: { type: "bearer", token: { secret: "token" } },
    secrets: { get: async () => "line\nbreak-in-the-key" },
  });
  expect(String(await rejection(api.get()))).toMatch(/^SecretError: .*Authorization/);
});
