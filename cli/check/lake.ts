import { formatCount } from "../../lib/report/format.ts";
import { EXIT } from "../command.ts";
import { print, styled } from "../terminal.ts";
import { openBucket } from "./lake/open-bucket.ts";
import { type Verified, verifyLake } from "./lake/verify-lake.ts";

/** Which lake is verified. */
export interface LakeOptions {
  /** Folder of the local lake. */
  out: string;
  /** Bucket in S3; undefined for the local lake. */
  bucket: string | undefined;
}

/**
 * Verifies the parts of a lake, and prints a line for each damaged object as soon as it is found.
 *
 * @param source name of a source; null for all sources of the lake.
 * @returns the exit code.
 */
export const checkLake = async ({ out, bucket }: LakeOptions, source: string | null): Promise<number> => {
  await using lake = await openBucket(out, bucket);
  const verified: Verified = { manifests: 0, parts: 0, rows: 0, damaged: 0 };
  for await (const line of verifyLake(lake, source, verified)) print(`${styled("red", "!!")} ${line}`);
  const { manifests, parts, rows, damaged } = verified;
  const counts = [formatCount(manifests, "manifest"), formatCount(parts, "part"), formatCount(rows, "row")].join(", ");
  const result = damaged === 0 ? "nothing is damaged" : `${formatCount(damaged, "object")} damaged`;
  print(`${source === null ? "" : `${source} in `}${lake.place}: ${counts}: ${result}`);
  return damaged === 0 ? EXIT.done : EXIT.failed;
};
