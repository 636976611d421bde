/** Markup. All other values in a page are escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Values that a template accepts. null, undefined and false render as nothing. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Characters that are not allowed in HTML, and the carriage return, which is a line break there. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it matches.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/g;

/** Bidirectional control characters. An unclosed one reverses the text after it, even outside of a `bdi` element. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;

/** Escapes a string for an element or a quoted attribute. Control characters become U+FFFD. */
export const escapeHtml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(CONTROLS, "\ufffd")
    .replaceAll(BIDI_CONTROLS, "\ufffd")
    .replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? "");

const render = (content: Content): string => {
  if (content instanceof Html) return content.text;
  if (content === null || content === undefined || content === false) return "";
  return typeof content === "object" ? content.map(render).join("") : escapeHtml(String(content));
};

/** Builds markup from a template. Values that are not `Html` are escaped, so attributes must be quoted. */
export const html = (strings: TemplateStringsArray, ...values: Content[]): Html =>
  new Html(strings.map((text, index) => text + render(values[index])).join(""));

/** Isolates a name from the API or the config, so that right-to-left text does not reorder the text around it. */
export const isolate = (text: string): Html => html`<bdi>${text}</bdi>`;
