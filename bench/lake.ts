/**
 * The S3 emulator in its own process. Argument: its folder. The first line on stdout is the URL. It exits with its parent
 * process.
 */
import process from "node:process";
import { startLake } from "../local/bucket.ts";

const { url } = await startLake(process.argv[2] ?? "");
console.log(url);
