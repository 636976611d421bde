import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { S3Error } from "../errors.ts";

/** What a client may ask to have verified. S3 knows CRC32C and CRC64NVME too; those are neither verified nor kept. */
type Algorithm = "md5" | "crc32" | "sha1" | "sha256";

const ALGORITHM_OF_HEADER: Record<string, Algorithm> = {
  "content-md5": "md5",
  "x-amz-checksum-crc32": "crc32",
  "x-amz-checksum-sha1": "sha1",
  "x-amz-checksum-sha256": "sha256",
};

/** The digests of one body, computed while it passes. */
export interface Digests {
  update(piece: Buffer): void;
  /** After the last piece: the MD5 in hex, which is the ETag without its quotes. */
  md5(): string;
  /**
   * After the last piece: compares with every checksum in the headers and trailers. Returns the
   * `x-amz-checksum-*` headers that held, to be kept with the object; throws BadDigest or
   * XAmzContentSHA256Mismatch as S3 does.
   */
  verify(trailers: ReadonlyMap<string, string>): Record<string, string>;
}

/** Starts the digests that a PUT with these headers (lower-case names) needs: MD5 always, the others when announced. */
export function startDigests(headers: Record<string, string>): Digests {
  const announced = [
    ...Object.keys(headers),
    ...(headers["x-amz-trailer"] ?? "").split(",").map((name) => name.trim()),
  ];
  const wanted = new Set<Algorithm>(["md5"]);
  for (const name of announced) {
    const algorithm = ALGORITHM_OF_HEADER[name.toLowerCase()];
    if (algorithm) wanted.add(algorithm);
  }
  // Otherwise UNSIGNED-PAYLOAD or STREAMING-..., which say nothing of the content.
  const payloadHash = headers["x-amz-content-sha256"];
  const payloadSigned = payloadHash !== undefined && /^[0-9a-f]{64}$/.test(payloadHash);
  if (payloadSigned) wanted.add("sha256");

  let crc = 0;
  const hashes = [...wanted].filter((name) => name !== "crc32").map((name) => [name, createHash(name)] as const);
  let results: Map<Algorithm, Buffer> | undefined;

  function finish(): Map<Algorithm, Buffer> {
    if (results) return results;
    const crcBytes = Buffer.alloc(4);
    crcBytes.writeUInt32BE(crc);
    results = new Map(hashes.map(([name, hash]) => [name, hash.digest()]));
    return results.set("crc32", crcBytes);
  }

  return {
    update(piece) {
      for (const [, hash] of hashes) hash.update(piece);
      if (wanted.has("crc32")) crc = crc32(piece, crc);
    },
    md5: () => finish().get("md5")!.toString("hex"),
    verify(trailers) {
      if (payloadSigned && finish().get("sha256")?.toString("hex") !== payloadHash) {
        throw new S3Error(
          400,
          "XAmzContentSHA256Mismatch",
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
      }
      const held: Record<string, string> = {};
      for (const [header, algorithm] of Object.entries(ALGORITHM_OF_HEADER)) {
        const expected = headers[header] ?? trailers.get(header);
        if (expected === undefined) continue;
        if (finish().get(algorithm)?.toString("base64") !== expected) {
          throw new S3Error(400, "BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
        }
        if (header !== "content-md5") held[header] = expected;
      }
      return held;
    },
  };
}
