import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { S3Error } from "../errors.ts";

/** Checksums that are verified. S3's CRC32C and CRC64NVME are neither verified nor stored. */
type Algorithm = "md5" | "crc32" | "sha1" | "sha256";

const ALGORITHM_OF_HEADER: Record<string, Algorithm> = {
  "content-md5": "md5",
  "x-amz-checksum-crc32": "crc32",
  "x-amz-checksum-sha1": "sha1",
  "x-amz-checksum-sha256": "sha256",
};

/** Digests of one body, computed while it is received. */
export interface Digests {
  update(piece: Buffer): void;
  /** Returns, after the last piece, the MD5 in hex: the ETag without its quotes. */
  md5(): string;
  /**
   * Compares, after the last piece, with every checksum in headers and trailers.
   *
   * @returns the verified `x-amz-checksum-*` headers, which are stored with the object.
   * @throws S3Error BadDigest or XAmzContentSHA256Mismatch.
   */
  verify(trailers: ReadonlyMap<string, string>): Record<string, string>;
}

/** Starts the digests for a PUT with these headers (lower-case names): always MD5, the others when announced. */
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
  // Otherwise it is UNSIGNED-PAYLOAD or STREAMING-..., and contains no hash.
  const payloadHash = headers["x-amz-content-sha256"];
  const isPayloadSigned = payloadHash !== undefined && /^[0-9a-f]{64}$/.test(payloadHash);
  if (isPayloadSigned) wanted.add("sha256");

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
      if (isPayloadSigned && finish().get("sha256")?.toString("hex") !== payloadHash) {
        throw new S3Error(
          400,
          "XAmzContentSHA256Mismatch",
          "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
      }
      const verified: Record<string, string> = {};
      for (const [header, algorithm] of Object.entries(ALGORITHM_OF_HEADER)) {
        const expected = headers[header] ?? trailers.get(header);
        if (expected === undefined) continue;
        if (finish().get(algorithm)?.toString("base64") !== expected) {
          throw new S3Error(400, "BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`);
        }
        if (header !== "content-md5") verified[header] = expected;
      }
      return verified;
    },
  };
}
