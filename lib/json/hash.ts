import { createHash } from "node:crypto";

/** Returns the SHA-256 of bytes or text, in hex. */
export const sha256 = (content: Uint8Array | string): string => createHash("sha256").update(content).digest("hex");
