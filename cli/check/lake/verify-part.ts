import type { FileFormat } from "../../../lib/columns/table-schema.ts";
import { sha256 } from "../../../lib/json/hash.ts";
import { FILE_FORMATS, parentRowsKey, partKey, type RunAddress } from "../../../lib/lake/keys.ts";
import { describePart, type PartRecord, type StoredPart } from "../../../lib/lake/stored-part.ts";
import type { Bucket } from "../../../lib/ports/bucket.ts";
import { formatCount } from "../../../lib/report/format.ts";
import { countRows } from "./count-rows.ts";

/** An object of a lake that is not as it was written. */
export interface Damage {
  key: string;
  /** A short finding: `missing`. */
  problem: string;
}

/** A part in its manifest. */
export interface ListedPart {
  address: RunAddress;
  listed: PartRecord;
  /** Hash of the part before it; "" for the first. */
  previous: string;
  isLast: boolean;
}

const formatOf = (key: string): FileFormat => (key.endsWith(FILE_FORMATS.parquet.extension) ? "parquet" : "jsonl");

/** Returns what is wrong with the content of a part; null if it is as the manifest lists it. */
const contentProblem = async (content: Uint8Array, { key, rows, sha256: hash }: PartRecord): Promise<string | null> => {
  const found = sha256(content);
  if (found !== hash) return `its sha256 is ${found}, and the manifest lists ${hash}`;
  try {
    const count = await countRows[formatOf(key)](content);
    return count === rows ? null : `it has ${formatCount(count, "row")}, and the manifest lists ${rows}`;
  } catch (error) {
    return `its content is not readable (${(error as Error).message})`;
  }
};

const FACTS = ["key", "rows", "bytes", "sha256", "schema_version", "parent_rows"] as const;

/** Returns what is wrong with the place of a part in its commit log; null if the log is whole there. */
const logProblem = ({ record, end, previous }: StoredPart, part: ListedPart): string | null => {
  if (previous !== part.previous) return "it does not follow the part before it in the commit log";
  if (end.final !== part.isLast)
    return part.isLast ? "the commit log continues after it" : "the commit log ends with it";
  const fact = FACTS.find((name) => record[name] !== part.listed[name]);
  return fact === undefined
    ? null
    : `${fact} is ${record[fact]} in its metadata, and the manifest lists ${part.listed[fact]}`;
};

const partProblem = async (bucket: Bucket, part: ListedPart): Promise<string | null> => {
  const { address, listed } = part;
  const log = { ...address, file_format: formatOf(listed.key) };
  if (partKey(log, listed.part) !== listed.key) return "it is not a part of the run of its manifest";
  const object = await bucket.get(listed.key);
  if (object === null) return "missing";
  const problem = await contentProblem(object.body, listed);
  if (problem !== null) return problem;
  const described = await describePart({ bucket }, log, listed.part, object);
  const inLog = "problem" in described ? described.problem : logProblem(described, part);
  return inLog === null ? null : `${inLog} (its rows are whole)`;
};

const parentRowsProblem = async (bucket: Bucket, { address, listed }: ListedPart): Promise<string | null> => {
  if (listed.parent_rows === null) return null;
  const object = await bucket.get(listed.parent_rows);
  if (object === null) return "missing";
  return parentRowsKey(address, sha256(object.body)) === listed.parent_rows
    ? null
    : "its content is not the one that its name is the sha256 of";
};

/** Returns what is damaged of a part: the part, or the object with the parent rows for children. */
export const verifyPart = async (bucket: Bucket, part: ListedPart): Promise<Damage[]> => {
  const { key, parent_rows } = part.listed;
  const found: [string, string | null][] = [
    [key, await partProblem(bucket, part)],
    [parent_rows ?? "", await parentRowsProblem(bucket, part)],
  ];
  return found.flatMap(([damaged, problem]) => (problem === null ? [] : [{ key: damaged, problem }]));
};
