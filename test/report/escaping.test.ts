import { describe, expect, test } from "vitest";
import { escapeHtml, foreign, Html, html } from "../../lib/report/page/html.ts";
import { reportPage } from "../../lib/report/page/page.ts";
import { HOSTILE, hostile } from "./hostile.fixture.ts";

/** The elements of a page, with their attributes. */
const tagsOf = (page: string): string[] => page.match(/<[a-zA-Z/!][^>]*>/g) ?? [];

describe("a report full of hostile texts", () => {
  const plain = tagsOf(reportPage(hostile("innocent")));

  test.for(HOSTILE)("makes a page of the very same elements and attributes: %j", (text) => {
    const page = reportPage(hostile(text));
    const names = (tags: string[]) => tags.map((tag) => tag.replaceAll(/="[^"]*"/g, ""));
    expect(names(tagsOf(page))).toEqual(names(plain));
    expect(page).not.toMatch(/<(script|img|iframe|object|embed|link|base|form)\b/i);
    expect(names(tagsOf(page)).join("")).not.toMatch(/\son\w+/i);
  });

  test.for(HOSTILE.slice(0, 6))("shows them as they are: %j", (text) => {
    const page = reportPage(hostile(text));
    expect(page).toContain(`<bdi>${escapeHtml(text)}</bdi>`);
    if (/[<"'&]/.test(text)) expect(page.replace(/<style>.*?<\/style>/s, "")).not.toContain(text);
  });

  test("has nothing left of them that turns the direction of what follows", () => {
    const page = reportPage(hostile("a\u202ab\u202ec\u2066d\u2069e"));
    expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(page).toContain("<bdi>a\ufffdb\ufffdc\ufffdd\ufffde</bdi>");
  });

  test("has links to other runs alone, whatever those are called", () => {
    const page = reportPage(hostile("javascript:alert(1)//../x"));
    const links = [...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(link).toMatch(/^[\w%.()~-]+\.html$/);
  });
});

describe("a page", () => {
  const page = reportPage(hostile("innocent"));

  test("loads nothing from anywhere", () => {
    expect(page).not.toMatch(/\ssrc(set)?=|url\(|@import|https?:|<link|<script|<iframe|<object/i);
  });

  test("forbids that anything is loaded or run, should something slip through", () => {
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    expect(policy?.split("; ").sort()).toEqual(
      ["base-uri 'none'", "default-src 'none'", "form-action 'none'", "style-src 'unsafe-inline'"].sort(),
    );
    // A policy counts from where it stands.
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style"));
  });

  test("says its language, its title with source and status, and what its tables are of", () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain("<title>innocent: 2 failed</title>");
    for (const [table] of page.matchAll(/<table.*?<\/table>/gs)) {
      expect(table).toContain("<caption>");
      expect(table).toContain('scope="col"');
      expect(table).toContain('scope="row"');
    }
  });
});

describe("the template", () => {
  test("escapes every value but a piece of HTML, also in attributes and lists", () => {
    const value = `<&>"'\``;
    const escaped = "&lt;&amp;&gt;&quot;&#39;&#96;";
    expect(html`<p title="${value}">${value}${[value, html`<b>${value}</b>`]}</p>`.text).toBe(
      `<p title="${escaped}">${escaped}${escaped}<b>${escaped}</b></p>`,
    );
    expect(foreign("<").text).toBe("<bdi>&lt;</bdi>");
  });

  test("takes nothing for HTML that only looks like a piece of it", () => {
    const copy = JSON.parse(JSON.stringify(new Html("<b>"))) as never;
    expect(() => html`${copy}`.text).toThrow(TypeError);
  });

  test("prints nothing for what is not there, and numbers as they are", () => {
    expect(html`${null}${undefined}${false}${0}${[]}`.text).toBe("0");
  });
});
