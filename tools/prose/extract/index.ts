import { basename, extname } from "node:path";
import type { Passage } from "../passage.ts";
import { extractDescriptions } from "./json.ts";
import { extractMarkdown } from "./markdown.ts";
import { extractScript } from "./script.ts";
import { extractTypeScript } from "./typescript.ts";
import { extractYaml } from "./yaml.ts";

const EXTRACTORS: Record<string, (source: string) => Passage[]> = {
  ".ts": extractTypeScript,
  ".js": extractTypeScript,
  ".mjs": extractTypeScript,
  ".cjs": extractTypeScript,
  ".md": extractMarkdown,
  ".yml": extractYaml,
  ".yaml": extractYaml,
  ".json": extractDescriptions,
  ".py": extractScript,
  ".sh": extractScript,
  ".txt": extractScript,
  ".gitignore": extractScript,
};

/** Returns the passages of a file; none when its kind is unknown. A file without an extension is a script if it starts with `#!`. */
export const extract = (path: string, source: string): Passage[] => {
  const extractor =
    EXTRACTORS[extname(path) || basename(path)] ?? (source.startsWith("#!") ? extractScript : undefined);
  return extractor ? [...extractor(source), { kind: "file", start: 0, text: source }] : [];
};
