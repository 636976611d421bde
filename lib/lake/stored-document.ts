import type { Place, RestlakeError } from "../errors/index.ts";
import type { Shape } from "../json/shape.ts";
import type { Ports } from "../ports/index.ts";

/** A JSON document in the bucket. */
export interface StoredDocument<Value> {
  readonly key: string;
  /**
   * Parses and validates the stored content.
   *
   * @throws the document's named error if the content is corrupt.
   */
  parse(content: Uint8Array | string): Value;
}

interface DocumentRules<Value> {
  key: string;
  shape: Shape;
  /** Returns what contradicts the key, or itself, in a value that has the right shape; null if nothing does. */
  contradiction?(value: Value): string | null;
  /** Class of the error for corrupt content. */
  error: new (
    message: string,
    details: Place & { cause?: unknown },
  ) => RestlakeError;
  /** Advice for the user about corrupt content. */
  remedy: string;
  place: Place;
}

/** Defines a JSON document. Its error reads `<key> is corrupt (<what was found>): <remedy>`. */
export const storedDocument = <Value>(rules: DocumentRules<Value>): StoredDocument<Value> => {
  const { key, shape, contradiction = () => null, error: CorruptError, remedy, place } = rules;
  const corrupt = (found: string, cause?: unknown) =>
    new CorruptError(`${key} is corrupt (${found}): ${remedy}`, { ...place, cause });
  return {
    key,
    parse(content) {
      let value: unknown;
      try {
        value = JSON.parse(typeof content === "string" ? content : Buffer.from(content).toString());
      } catch (cause) {
        throw corrupt("invalid JSON", cause);
      }
      const problem = shape(value, "") ?? contradiction(value as Value);
      if (problem !== null) throw corrupt(problem);
      return value as Value;
    },
  };
};

/**
 * Reads a document from the bucket; null when it does not exist.
 *
 * @throws the document's named error if the content is corrupt.
 */
export const readDocument = async <Value>(
  { bucket }: Pick<Ports, "bucket">,
  document: StoredDocument<Value>,
): Promise<Value | null> => {
  const object = await bucket.get(document.key);
  return object === null ? null : document.parse(object.body);
};
