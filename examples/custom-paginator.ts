/**
 * A custom paginator. This API expects the id of the last row, ?after_id=5, and returns that id in each response.
 * A paginator has three pure functions and a state in plain JSON, so that the next Lambda can continue after any page.
 */
import { defineSource, registerPaginator } from "../lib/config/index.ts";

interface Body {
  last_id: number;
  more: boolean;
}

const afterId = registerPaginator<{ param: string }, { after: number }>("after_id", {
  first: () => ({ after: 0 }),
  request: ({ param }, { after }) => ({ params: { [param]: String(after) } }),
  next(_config, _state, { body }) {
    const { last_id, more } = body as unknown as Body;
    return more ? { state: { after: last_id } } : { end: true };
  },
});

export const source = defineSource({
  name: "example_custom_paginator",
  client: { base_url: "https://api.example.com" },
  resources: [
    {
      name: "books",
      endpoint: { path: "books/by-last-id", data_selector: "books", paginator: afterId({ param: "after_id" }) },
    },
  ],
});
