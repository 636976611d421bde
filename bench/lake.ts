/**
 * S3's stand-in in a process of its own, on the folder that is its argument. The first line on stdout is its URL; it
 * ends with its parent.
 */
import process from "node:process";
import { startLake } from "../local/bucket.ts";

const { url } = await startLake(process.argv[2] ?? "");
console.log(url);
