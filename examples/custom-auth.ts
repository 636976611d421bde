/**
 * A custom auth is a function that gets a request and returns it with credentials. This API requires a signature of the time
 * and the path of every request. `text` reads a secret; `conceal` masks a value derived from a secret in all logs.
 */
import { createHmac } from "node:crypto";
import { type AuthFunction, defineSource, secret } from "../lib/config/index.ts";

const signed: AuthFunction = async ({ url, headers }, { text, conceal }) => {
  const now = String(Date.now());
  const key = await text(secret("signing_key"));
  const signature = createHmac("sha256", key).update(`${now} ${url.pathname}${url.search}`).digest("hex");
  conceal(signature);
  return { url, headers: { ...headers, "x-signed-at": now, "x-signature": signature } };
};

export const source = defineSource({
  name: "example_custom_auth",
  client: { base_url: "https://api.example.com", auth: signed },
  // The function is called for every request, so that each has its own signature.
  resources: [{ name: "books", endpoint: "books/with-signature" }],
});
