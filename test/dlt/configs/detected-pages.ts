import { HERE } from "../../configs/conversation.fixture.ts";
import type { Comparison } from "../comparison.fixture.ts";
import { cursors, headerLinked, numbered, posts, rows } from "./shared.ts";

/** `auto`, and the paginator that applies. */
export const DETECTED_PAGES: Record<string, Comparison> = {
  single_page: { ...posts("single_page"), api: { "/posts": rows(1, 3) } },
  "auto with a Link header": { ...posts("auto"), api: headerLinked("next", (page) => `${HERE}/posts?page=${page}`) },
  "auto with a next URL": {
    ...posts("auto"),
    api: numbered(1, (page) => ({ next: page < 2 ? `${HERE}/posts?page=${page + 2}` : null })),
  },
  "auto with a nested next URL": {
    ...posts("auto"),
    api: numbered(1, (page) => ({ links: { next: page < 2 ? `${HERE}/posts?page=${page + 2}` : null } })),
  },
  "auto with a next cursor": { ...posts("auto"), api: cursors((next) => ({ next_cursor: next })) },
  "auto without any evidence": { ...posts("auto"), api: { "/posts": rows(1, 3) } },
  "no paginator at all": {
    resources: ["posts"],
    api: { "/posts": { data: rows(1, 3) } },
  },
  "the paginator of the client": {
    client: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } },
    resources: ["posts"],
    api: numbered(1, () => ({ pages: 3 })),
  },
  "the paginator of the endpoint before the client's": {
    client: { paginator: { type: "page_number", base_page: 1, total_path: "pages" } },
    ...posts("single_page"),
    api: numbered(1, () => ({ pages: 3 })),
  },
  "an unknown paginator": { ...posts("pages"), api: { "/posts": rows(1, 3) }, fails: true },
};
