/**
 * Changes of a URL's query that leave the rest as it was written. URLSearchParams writes the whole query again, with other
 * escapes: `$filter=a%20eq%20(b)` becomes `%24filter=a+eq+%28b%29`, which some APIs reject and signatures do not cover.
 */

const pairsOf = ({ search }: URL): string[] => search.slice(1).split("&").filter(Boolean);

const nameOf = (pair: string): string | undefined => new URLSearchParams(pair).keys().next().value;

const write = (url: URL, pairs: string[]): void => {
  url.search = pairs.join("&");
};

/** Removes the parameters whose name is in the set. */
export const removeParams = (url: URL, names: ReadonlySet<string>): void => {
  const pairs = pairsOf(url);
  const kept = pairs.filter((pair) => !names.has(nameOf(pair) ?? ""));
  if (kept.length < pairs.length) write(url, kept);
};

/** Appends a query, which may begin with a question mark. */
export const appendQuery = (url: URL, query: string): void => {
  const added = query.replace(/^\?/, "");
  if (added !== "") write(url, [...pairsOf(url), added]);
};

/** Replaces all parameters of a name by one, or by several of a list. They are appended. */
export const setParam = (url: URL, name: string, value: string | string[]): void => {
  removeParams(url, new Set([name]));
  appendQuery(url, new URLSearchParams([value].flat().map((one): [string, string] => [name, one])).toString());
};
