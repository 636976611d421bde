/** Text that is HTML already. Nothing else gets into a page unescaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template; nothing is printed for null, undefined and false. */
export type Content = Html | string | number | null | undefined | false | readonly Content[];

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "`": "&#96;",
};

/** Characters that HTML must not have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g;

/** What turns the direction of a text by force: left open, it turns all that follows, out of a `bdi` too. */
const TURNS = /[\u202a-\u202e\u2066-\u2069]/g;

/** A text as HTML shows it, in an element or a quoted attribute; what would do harm is replaced. */
export const escapeHtml = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll(CONTROLS, "\ufffd")
    .replaceAll(TURNS, "\ufffd")
    .replaceAll(/[&<>"'`]/g, (character) => ENTITIES[character] ?? "");

const textOf = (content: Content): string => {
  if (content instanceof Html) return content.text;
  if (content === null || content === undefined || content === false) return "";
  return typeof content === "object" ? content.map(textOf).join("") : escapeHtml(String(content));
};

/** A piece of HTML; every value in it is escaped, unless it is such a piece itself. Attributes are quoted. */
export const html = (strings: TemplateStringsArray, ...values: Content[]): Html =>
  new Html(strings.map((text, index) => text + textOf(values[index])).join(""));

/** A text of somebody else: whatever direction it runs in, it leaves what stands around it alone. */
export const foreign = (text: string): Html => html`<bdi>${text}</bdi>`;
