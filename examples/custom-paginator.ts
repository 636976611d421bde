/**
 * A paginator of one's own: this API wants the id of the last row, ?after_id=5, and says what that was.
 * It is three pure functions of a state in plain JSON, so that any page may be the last one of a Lambda, and the next the
 * first of another.
 */
import { defineSource, registerPaginator } from "../lib/config/index.ts";

interface Answer {
  last_id: number;
  more: boolean;
}

const afterId = registerPaginator<{ param: string }, { after: number }>("after_id", {
  first: () => ({ after: 0 }),
  request: ({ param }, { after }) => ({ params: { [param]: String(after) } }),
  next(_config, _state, { body }) {
    const { last_id, more } = body as unknown as Answer;
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
