import { inspect } from "node:util";
import { expect } from "vitest";

/** In how many disguises a key may come back. */
export const disguises = (key: string): string[] => [
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

/** All that an error and the log lines say, in whatever way they are looked at. */
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

/** Neither the error, nor its causes and stacks, nor the log holds the key in any disguise. */
export const expectNoKey = (key: string, thrown: unknown, logged: unknown) => {
  const text = textsOf(thrown, logged);
  for (const disguise of disguises(key)) expect(text).not.toContain(disguise);
};
