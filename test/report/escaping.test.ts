import { describe, expect, test } from "vitest";
import { escapeHtml, Html, html, isolate } from "../../lib/report/page/html.ts";
import { reportPage } from "../../lib/report/page/page.ts";
import { HOSTILE, hostile } from "./hostile.fixture.ts";

/** Returns the tags of a page. */
const tagsOf = (page: string): string[] => page.match(/<[a-zA-Z/!][^>]*>/g) ?? [];

describe("the page of a report in which every string is hostile", () => {
  const plain = tagsOf(reportPage(hostile("innocent")));

  test.for(HOSTILE)("has exactly the elements and attributes of a harmless report: %j", (text) => {
    const page = reportPage(hostile(text));
    const names = (tags: string[]) => tags.map((tag) => tag.replaceAll(/="[^"]*"/g, ""));
    expect(names(tagsOf(page))).toEqual(names(plain));
    expect(page).not.toMatch(/<(script|img|iframe|object|embed|link|base|form)\b/i);
    expect(names(tagsOf(page)).join("")).not.toMatch(/\son\w+/i);
  });

  test.for(HOSTILE.slice(0, 6))("shows the strings unchanged: %j", (text) => {
    const page = reportPage(hostile(text));
    expect(page).toContain(`<bdi>${escapeHtml(text)}</bdi>`);
    if (/[<"'&]/.test(text)) expect(page.replace(/<style>.*?<\/style>/s, "")).not.toContain(text);
  });

  test("has no characters that change the direction of the text after them", () => {
    const page = reportPage(hostile("a\u202ab\u202ec\u2066d\u2069e"));
    expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(page).toContain("<bdi>a\ufffdb\ufffdc\ufffdd\ufffde</bdi>");
  });

  test("links only to the pages of other runs, whatever their ids are", () => {
    const page = reportPage(hostile("javascript:alert(1)//../x"));
    const links = [...page.matchAll(/href="([^"]*)"/g)].map((match) => match[1]);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) expect(link).toMatch(/^[\w%.()~-]+\.html$/);
  });
});

describe("every page", () => {
  const page = reportPage(hostile("innocent"));

  test("loads no external resources", () => {
    expect(page).not.toMatch(/\ssrc(set)?=|url\(|@import|https?:|<link|<script|<iframe|<object/i);
  });

  test("has a Content Security Policy that blocks requests and scripts", () => {
    const [, policy] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
    expect(policy?.split("; ").sort()).toEqual(
      ["base-uri 'none'", "default-src 'none'", "form-action 'none'", "style-src 'unsafe-inline'"].sort(),
    );
    // A policy applies only to elements after it.
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<style"));
  });

  test("has a language, a title with source and status, and tables with captions and headings", () => {
    expect(page).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(page).toContain("<title>innocent: 2 failed</title>");
    for (const [table] of page.matchAll(/<table.*?<\/table>/gs)) {
      expect(table).toContain("<caption>");
      expect(table).toContain('scope="col"');
      expect(table).toContain('scope="row"');
    }
  });
});

describe("the html template", () => {
  test("escapes every value except Html objects, in attributes and lists too", () => {
    const value = `<&>"'\``;
    const escaped = "&lt;&amp;&gt;&quot;&#39;&#96;";
    expect(html`<p title="${value}">${value}${[value, html`<b>${value}</b>`]}</p>`.text).toBe(
      `<p title="${escaped}">${escaped}${escaped}<b>${escaped}</b></p>`,
    );
    expect(isolate("<").text).toBe("<bdi>&lt;</bdi>");
  });

  test("rejects objects that only have the shape of an Html object", () => {
    const copy = JSON.parse(JSON.stringify(new Html("<b>"))) as never;
    expect(() => html`${copy}`.text).toThrow(TypeError);
  });

  test("renders null, undefined and false as nothing, and zero as 0", () => {
    expect(html`${null}${undefined}${false}${0}${[]}`.text).toBe("0");
  });
});
