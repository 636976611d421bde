import { expect, test } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { isKeyName, maskedFieldsIn } from "../../lib/secrets/roles.ts";

test.each(["api_key", "accessToken", "X-Api-Key", "token2", "client_secret", "Authorization", "appid", "x", ""])(
  "%j is the name of a key",
  (name) => {
    expect(isKeyName(name)).toBe(true);
  },
);

test.each(["username", "client_id", "apiUser", "X-Tenant", "account", "user_1", "key_id", "orgID"])(
  "%j is not the name of a key",
  (name) => {
    expect(isKeyName(name)).toBe(false);
  },
);

test("a field is a key if its own name or its place suggests one, or if it is a key elsewhere", () => {
  const config = {
    auth: { type: "http_basic", username: secret("login"), password: secret("x") },
    params: { account: secret("api_key"), key: secret("tenant"), shop: secret("shop"), q: secret("both") },
    body: {
      form: [
        ["user", secret("both")],
        ["client_id", secret("id_of_client")],
      ],
    },
  };
  expect(Object.fromEntries(maskedFieldsIn(config))).toEqual({
    login: false,
    x: true,
    api_key: true,
    tenant: true,
    shop: false,
    both: true,
    id_of_client: false,
  });
});

test("a user name whose password is not a secret is a key", () => {
  expect([...maskedFieldsIn({ type: "http_basic", username: secret("username"), password: "" })]).toEqual([
    ["username", true],
  ]);
});

test("mask_in_rows decides, wherever the field is used besides", () => {
  const config = [{ token: secret("a") }, { token: secret("a", { mask_in_rows: false }) }];
  expect([...maskedFieldsIn(config)]).toEqual([["a", false]]);
  expect([...maskedFieldsIn({ user: secret("b", { mask_in_rows: true, prefix: "u-" }) })]).toEqual([["b", true]]);
});
