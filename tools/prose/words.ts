import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { KINDS, type Kind } from "./passage.ts";

/** The word list or a command-line argument is invalid. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** White space inside a phrase: at most one line break, because a phrase does not span paragraphs. */
const GAP = "(?:[^\\S\\n]+\\n?|\\n)[^\\S\\n]*";

/** Boundaries of a term: it is not part of a longer word, an identifier, a file name or a path. */
const BEFORE = "(?<![\\p{L}\\p{N}_$.-]|(?<![\\p{L}\\p{N}])/)";
const AFTER = "(?![\\p{L}\\p{N}_]|[./-][\\p{L}\\p{N}_])";

const regex = z.string().transform((source, context) => {
  try {
    return new RegExp(source, "iu");
  } catch (error) {
    context.addIssue({ code: "custom", message: (error as Error).message });
    return z.NEVER;
  }
});

const globs = z.array(z.string().min(1)).min(1);

const words = z
  .string()
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N} '-]*$/u,
    "takes letters, digits, spaces, hyphens and apostrophes: use pattern instead",
  );

const entry = z
  .strictObject({
    term: z.union([words, z.array(words).min(1)]).optional(),
    pattern: regex.optional(),
    write: z.string().min(1),
    only: regex.optional(),
    except: regex.optional(),
    kinds: z.array(z.enum(KINDS)).min(1).optional(),
    paths: globs.optional(),
    except_paths: globs.optional(),
  })
  .refine(({ term, pattern }) => (term === undefined) !== (pattern === undefined), "needs either term or pattern");

const schema = z.strictObject({ ignore: globs.optional(), terms: z.array(entry).min(1) });

/** One entry of the word list, compiled. */
export interface Entry {
  /** Finds the term in a passage; global, case-insensitive. */
  regex: RegExp;
  /** The replacement. */
  write: string;
  /** The sentence around a hit must match, or must not match. */
  only?: RegExp | undefined;
  except?: RegExp | undefined;
  kinds: readonly Kind[];
  /** Globs of the paths that it is limited to, and of those it does not apply to. */
  paths?: readonly string[] | undefined;
  exceptPaths: readonly string[];
}

/** The compiled word list, and globs of the files that are not checked. */
export interface WordList {
  ignore: readonly string[];
  entries: readonly Entry[];
}

/** Lets every space of a regular expression, outside character classes, match a line break, too. */
const stretchSpaces = (source: string): string =>
  source.replaceAll(/\[(?:\\.|[^\]\\])*\]|\\.| /g, (part) => (part === " " ? GAP : part));

const compile = ({ term, pattern, kinds, except_paths, ...rest }: z.output<typeof entry>): Entry => ({
  ...rest,
  regex: new RegExp(`${BEFORE}(?:${stretchSpaces(pattern?.source ?? [term].flat().join("|"))})${AFTER}`, "giu"),
  kinds: kinds ?? KINDS.filter((kind) => kind !== "file"),
  exceptPaths: except_paths ?? [],
});

/**
 * Reads the word list.
 *
 * @throws UsageError with one line per error.
 */
export const readWords = (path: string): WordList => {
  let content: unknown;
  try {
    content = parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new UsageError(`${path}: ${(error as Error).message.split("\n")[0]?.replace(/:$/, "")}`);
  }
  const { data, error } = schema.safeParse(content);
  if (data) return { ignore: data.ignore ?? [], entries: data.terms.map(compile) };
  const lines = error.issues.map(
    (issue) => `${path}: ${z.core.toDotPath(issue.path) || "word list"}: ${issue.message}`,
  );
  throw new UsageError(lines.join("\n"));
};
