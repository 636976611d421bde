/** A number as JSON wrote it, where a double loses something: digits, or the decimal point of `10.0`. */
export class NumberLiteral {
  /** The literal, in the syntax of JSON. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/**
 * Key of an object or list under which `parseJson` keeps such literals, by key or index. Its value is empty where only the
 * objects inside have some. A symbol is not data for `Object.keys` and `JSON.stringify`, but `{...row}` copies it.
 */
const LITERALS = Symbol("number literals");

type WithLiterals = object & { [LITERALS]?: Map<string, string> };

/** Whether an object or list, or one inside of it, keeps literals of numbers. */
export const hasLiterals = (value: unknown): boolean =>
  typeof value === "object" && value !== null && LITERALS in value;

/** Marks an object or list as one that has literals, or contains objects that have. */
export const markLiterals = (container: object): Map<string, string> => {
  const literals = (container as WithLiterals)[LITERALS];
  if (literals !== undefined) return literals;
  const made = new Map<string, string>();
  (container as WithLiterals)[LITERALS] = made;
  return made;
};

/** Returns a copy of an object or list that has the literals of the original. A literal counts only for the same number. */
export const withLiteralsOf = <Copy>(original: object, copy: Copy): Copy => {
  const literals = (original as WithLiterals)[LITERALS];
  if (literals !== undefined) (copy as WithLiterals)[LITERALS] = new Map(literals);
  return copy;
};

/** Copies the literal of a key or index, where one is kept, to a key of another object that has the same number. */
export const copyLiteral = (from: object, key: string | number, to: object, name: string): void => {
  const literal = (from as WithLiterals)[LITERALS]?.get(String(key));
  if (literal !== undefined) markLiterals(to).set(name, literal);
};

/** Returns the value of a key or index, as its literal where one is kept for this number. */
export const literalAt = <Value>(container: object, key: string | number, value: Value): Value | NumberLiteral => {
  if (typeof value !== "number") return value;
  const literal = (container as WithLiterals)[LITERALS]?.get(String(key));
  return literal !== undefined && Number(literal) === value ? new NumberLiteral(literal) : value;
};
