import { describe } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { HERE, reply, testConfig } from "../configs/case.fixture.ts";

const one = [{ id: 1 }];
const rows = { posts: one };
const KEY = "key-0123456789";
/** A resource with a single page. */
const posts = { name: "posts", endpoint: { paginator: "single_page" as const } };
const tags = {
  name: "tags",
  on_error: "skip" as const,
  endpoint: { path: "posts/{resources.posts.id}/tags", paginator: "single_page" as const },
};
/** A client with a key, which another 403 would renew. */
const withKey = { auth: { type: "bearer" as const, token: secret("key") } };
/** A client whose token comes from a token server. */
const withTokenServer = {
  auth: {
    type: "oauth2_client_credentials" as const,
    access_token_url: `${HERE}/token`,
    client_id: "me",
    client_secret: secret("key"),
  },
};
const secrets = { key: KEY };
const tokenForm = { form: `grant_type=client_credentials&client_id=me&client_secret=${KEY}` };
const get = "GET /posts";
const bearer = { headers: { authorization: `Bearer ${KEY}` } };
/** All attempts of a request that fails for ever, with one retry. */
const once = { error_handler: { max_retries: 1 } };

describe("B.3: a 403 that limits the rate", () => {
  testConfig("by Retry-After is retried after that time, without a reload of the secret", {
    client: withKey,
    resources: [posts],
    secrets,
    api: [
      [get, bearer, reply(403, { message: "slow down" }, { "retry-after": "7" })],
      [get, bearer, one],
    ],
    rows,
    waits: [7],
  });

  testConfig("by a Retry-After beyond max_inline_wait leaves the wait to the state machine", {
    client: withKey,
    resources: [posts],
    secrets,
    api: [
      [get, bearer, reply(403, { message: "slow down" }, { "retry-after": "60" })],
      [get, bearer, one],
    ],
    rows,
    waits: [60],
  });

  for (const body of [
    { message: "API rate limit exceeded for user ID 1." },
    { message: "You have exceeded a secondary rate limit. Please wait a few minutes before you try again." },
    { error: { errors: [{ reason: "rateLimitExceeded" }], code: 403 } },
    { error: { errors: [{ reason: "userRateLimitExceeded" }], code: 403 } },
    [{ errorCode: "REQUEST_LIMIT_EXCEEDED", message: "TotalRequests Limit exceeded." }],
    { error: "Too many requests" },
    { detail: "Request was throttled. Expected available in 3 seconds." },
    "<h1>Developer Over Qps</h1>",
    "Account Over Queries Per Second Limit",
    { message: "You hit the rate limit" },
    { error: "rate_limited" },
  ]) {
    testConfig(`by its body is retried: ${JSON.stringify(body)}`, {
      client: withKey,
      resources: [posts],
      secrets,
      api: [
        [get, bearer, reply(403, body)],
        [get, bearer, one],
      ],
      rows,
    });
  }

  for (const body of [
    { message: "Missing scope rate_limits:read" },
    { message: "Your plan does not include this endpoint" },
    { message: "Storage quota exceeded" },
    { message: "You are not allowed to set a limit" },
    "",
  ]) {
    testConfig(`is an AuthError if the body is about something else: ${JSON.stringify(body)}`, {
      resources: [posts],
      api: [[get, reply(403, body)]],
      fails: { posts: /^AuthError: .*the API returned 403.*, and the config sends no credentials: set client.auth$/ },
    });
  }

  testConfig("for ever is a ThrottledError that quotes the API", {
    client: { ...withKey, ...once },
    resources: [posts],
    secrets,
    api: [
      [get, bearer, reply(403, { message: `rate limit exceeded for ${KEY}` })],
      [get, bearer, reply(403, { message: `rate limit exceeded for ${KEY}` })],
    ],
    fails: {
      posts: /^ThrottledError: .*the API returned 403: {"message":"rate limit exceeded for \*\*\*"} \(after 1 retry\)/,
    },
  });

  testConfig("never skips a row of the parent, whatever marks it", {
    client: { error_handler: { max_retries: 0 } },
    resources: [posts, tags],
    api: [
      [get, one],
      ["GET /posts/1/tags", reply(403, {}, { "retry-after": "1" })],
    ],
    fails: { tags: /^ThrottledError: .*the API returned 403/ },
  });

  testConfig("by retry_on_status_codes is retried, and never skips a row of the parent", {
    client: { error_handler: { max_retries: 1, retry_on_status_codes: [403] } },
    resources: [posts, tags],
    api: [
      [get, reply(403, {})],
      [get, one],
      ["GET /posts/1/tags", reply(403, {})],
      ["GET /posts/1/tags", reply(403, {})],
    ],
    fails: { tags: /^ThrottledError: .*the API returned 403: {} \(after 1 retry\)/ },
  });

  testConfig("at a token server is retried, and does not count as refused credentials", {
    client: withTokenServer,
    resources: [posts],
    secrets,
    api: [
      ["POST /token", tokenForm, reply(403, { error: "no" }, { "retry-after": "5" })],
      ["POST /token", tokenForm, { access_token: "token-0123456789" }],
      [get, { headers: { authorization: "Bearer token-0123456789" } }, one],
    ],
    rows,
    waits: [5],
    onlyUninterrupted: "each process requests its own token",
  });
});

describe("B.3: an AuthError quotes the API", () => {
  for (const status of [401, 403]) {
    testConfig(`without secrets, after the secret was reloaded, for ${status}`, {
      client: withKey,
      resources: [posts],
      secrets,
      api: [
        [get, bearer, reply(status, { message: "old" })],
        [get, bearer, reply(status, `{"message":\n"the key ${KEY} has expired"}`)],
      ],
      fails: {
        posts: new RegExp(
          `^AuthError: .*the API returned ${status} \\({"message": "the key \\*\\*\\* has expired"}\\) again after the secret was reloaded`,
        ),
      },
    });

    testConfig(`without credentials in the config, for ${status}`, {
      resources: [posts],
      api: [[get, reply(status, { message: "sign in" })]],
      fails: {
        posts: new RegExp(`returned ${status} \\({"message":"sign in"}\\), and the config sends no credentials`),
      },
    });
  }

  testConfig("of which only the beginning is quoted", {
    resources: [posts],
    api: [[get, reply(401, "no ".repeat(10_000))]],
    fails: { posts: /returned 401 \((no ){66}no?\), and the config/ },
  });

  testConfig("and the token server", {
    client: withTokenServer,
    resources: [posts],
    secrets,
    api: [
      ["POST /token", tokenForm, reply(400, { error: "invalid_client" })],
      ["POST /token", tokenForm, reply(400, { error: "invalid_client", error_description: `${KEY} has expired` })],
    ],
    fails: {
      posts:
        /returned 400 \({"error":"invalid_client","error_description":"\*\*\* has expired"}\) again after the secret/,
    },
  });
});
