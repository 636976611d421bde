/**
 * An auth of one's own is a function: it gets the request and returns it with the credentials added. This API wants every
 * request signed, with the time and the path. `text` reads a secret, `conceal` keeps what is made of it out of logs too.
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
  // It is called for every page: each has a signature of its own.
  resources: [{ name: "books", endpoint: "books/with-signature" }],
});
