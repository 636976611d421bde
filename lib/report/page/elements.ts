import { formatTime } from "../format.ts";
import { type Content, type Html, html } from "./html.ts";

/** Renders a time in UTC. `zone` is empty where a heading has the zone. */
export const timeElement = (time: string, zone = " UTC"): Html =>
  html`<time datetime="${new Date(time).toISOString()}">${formatTime(time)}${zone}</time>`;

/** Renders a table cell. On a narrow screen the label is shown above the value, because the headings are hidden. */
export const cell = (label: string, value: Content): Html => html`<td role="cell" data-label="${label}">${value}</td>`;

/** Renders the headings of a table's columns. */
export const columnHeadings = (headings: string[]): Html[] =>
  headings.map((heading) => html`<th scope="col" role="columnheader">${heading}</th>`);
