import { expect, test } from "vitest";
import { Throttled } from "../../lib/http/client.ts";
import { checkBaseUrl, joinUrl } from "../../lib/http/origin.ts";
import { rejection, silence, startClient } from "./client.fixture.ts";
import { json } from "./server.ts";

test("a page whose failed attempts used up the time resumes in the next invocation with its attempts counted", async () => {
  await using api = await startClient(
    (request, response, number) => (number === 0 ? json(response, {}, 503) : silence(request, response, number)),
    { time: 600, patience: 0.6 },
  );
  const error = await rejection(api.get());
  expect(error).toBeInstanceOf(Throttled);
  expect((error as Throttled).attempts).toBe(2);
});

test("a link-local address is accepted only with allow_link_local", () => {
  expect(checkBaseUrl("metadata", "http://169.254.169.254/latest", true).hostname).toBe("169.254.169.254");
  expect(() => checkBaseUrl("metadata", "http://169.254.169.254/latest")).toThrow("allow_link_local");
  const base = new URL("http://127.0.0.1");
  expect(joinUrl(base, "http://169.254.169.254/latest", true).pathname).toBe("/latest");
  expect(() => joinUrl(base, "http://169.254.169.254/latest")).toThrow("allow_link_local");
});
