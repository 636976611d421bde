import { describe } from "vitest";
import { secret } from "../../lib/config/index.ts";
import { HERE, reply, testConfig } from "./case.fixture.ts";

describe("a config pasted from dlt's documentation", () => {
  testConfig("loads the Pokemon API, with paginator and selector detected", {
    client: { base_url: "/api/v2/" },
    resource_defaults: { endpoint: { params: { limit: 2 } }, write_disposition: "replace" },
    resources: ["pokemon", "berry"],
    api: [
      [
        "GET /api/v2/pokemon?limit=2",
        {
          count: 3,
          next: `${HERE}/api/v2/pokemon?offset=2&limit=2`,
          previous: null,
          results: [{ name: "bulbasaur" }, { name: "ivysaur" }],
        },
      ],
      [
        "GET /api/v2/pokemon?offset=2&limit=2",
        { count: 3, next: null, previous: `${HERE}/api/v2/pokemon?limit=2`, results: [{ name: "venusaur" }] },
      ],
      ["GET /api/v2/berry?limit=2", { count: 1, next: null, previous: null, results: [{ name: "cheri" }] }],
    ],
    rows: {
      pokemon: [{ name: "bulbasaur" }, { name: "ivysaur" }, { name: "venusaur" }],
      berry: [{ name: "cheri" }],
    },
  });

  const token = { headers: { authorization: "Bearer token-0123456789" } };
  const issue = (id: number, number: number, updated_at: string) => ({ id, number, updated_at });

  testConfig("loads GitHub issues and their comments, with a token, Link headers, a cursor and a child", {
    client: { base_url: "/repos/dlt-hub/dlt/", auth: { token: secret("access_token") } },
    secrets: { access_token: "token-0123456789" },
    resource_defaults: {
      primary_key: "id",
      write_disposition: "merge",
      endpoint: { params: { per_page: 2 } },
    },
    resources: [
      {
        name: "issues",
        endpoint: {
          path: "issues",
          params: {
            sort: "updated",
            direction: "desc",
            state: "open",
            since: { type: "incremental", cursor_path: "updated_at", initial_value: "2024-01-25T11:21:28Z" },
          },
        },
        // Not in the documentation: it keeps the expected rows short.
        columns: { updated_at: { data_type: "text" } },
      },
      {
        name: "issue_comments",
        endpoint: {
          path: "issues/{issue_number}/comments",
          params: { issue_number: { type: "resolve", resource: "issues", field: "number" } },
        },
        include_from_parent: ["id"],
      },
    ],
    api: [
      [
        "GET /repos/dlt-hub/dlt/issues?per_page=2&sort=updated&direction=desc&state=open&since=2024-01-25T11%3A21%3A28Z",
        token,
        reply(200, [issue(11, 1, "2024-03-02T00:00:00Z"), issue(12, 2, "2024-03-01T00:00:00Z")], {
          link: `<${HERE}/repositories/4/issues?per_page=2&page=2>; rel="next", <${HERE}/repositories/4/issues?per_page=2&page=2>; rel="last"`,
        }),
      ],
      [
        "GET /repositories/4/issues?per_page=2&page=2",
        token,
        reply(200, [issue(13, 3, "2024-02-01T00:00:00Z")], {
          link: `<${HERE}/repositories/4/issues?per_page=2&page=1>; rel="prev"`,
        }),
      ],
      ["GET /repos/dlt-hub/dlt/issues/1/comments?per_page=2", token, [{ id: 101, body: "a" }]],
      ["GET /repos/dlt-hub/dlt/issues/2/comments?per_page=2", token, []],
      ["GET /repos/dlt-hub/dlt/issues/3/comments?per_page=2", token, [{ id: 103, body: "b" }]],
    ],
    rows: {
      issues: [
        issue(11, 1, "2024-03-02T00:00:00Z"),
        issue(12, 2, "2024-03-01T00:00:00Z"),
        issue(13, 3, "2024-02-01T00:00:00Z"),
      ],
      issue_comments: [
        { id: 101, body: "a", _issues_id: 11 },
        { id: 103, body: "b", _issues_id: 13 },
      ],
    },
    state: { issues: "2024-03-02T00:00:00Z" },
    later: [
      {
        api: [
          [
            "GET /repos/dlt-hub/dlt/issues?per_page=2&sort=updated&direction=desc&state=open&since=2024-03-02T00%3A00%3A00Z",
            token,
            [issue(11, 1, "2024-03-02T00:00:00Z"), issue(12, 2, "2024-03-03T00:00:00Z")],
          ],
          ["GET /repos/dlt-hub/dlt/issues/2/comments?per_page=2", token, [{ id: 102, body: "c" }]],
        ],
        rows: {
          issues: [issue(12, 2, "2024-03-03T00:00:00Z")],
          issue_comments: [{ id: 102, body: "c", _issues_id: 12 }],
        },
        state: { issues: "2024-03-03T00:00:00Z" },
      },
    ],
  });
});
