import { inspect } from "node:util";
import { expect } from "vitest";

/** Returns the encodings in which an API may echo a key. */
export const encodingsOf = (key: string): string[] => [
  key,
  encodeURIComponent(key),
  encodeURIComponent(key).replaceAll(/%../g, (code) => code.toLowerCase()),
  new URLSearchParams({ key }).toString().slice(4),
  JSON.stringify(key).slice(1, -1),
  JSON.stringify(key).slice(1, -1).replaceAll("/", "\\/"),
  key.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  Buffer.from(key).toString("base64"),
  Buffer.from(key).toString("base64").replace(/=+$/, ""),
  Buffer.from(key).toString("base64url"),
];

/** Returns every string of an error, its causes and stacks, and of the log lines. */
export const textsOf = (thrown: unknown, logged: unknown): string => {
  const texts = [
    inspect(thrown, { depth: 20, showHidden: true }),
    JSON.stringify(logged),
    inspect(logged, { depth: 20 }),
  ];
  for (let error = thrown; error instanceof Error; error = error.cause) {
    texts.push(error.message, error.stack ?? "", String(error), JSON.stringify(error));
  }
  return texts.join("\n");
};

/** Expects that neither the error, nor its causes and stacks, nor the log contains the key in any encoding. */
export const expectNoKey = (key: string, thrown: unknown, logged: unknown) => {
  const text = textsOf(thrown, logged);
  for (const encoding of encodingsOf(key)) expect(text).not.toContain(encoding);
};
