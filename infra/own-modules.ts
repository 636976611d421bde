import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** `.ts` in this repository, `.js` in the npm package. */
const EXTENSION = extname(import.meta.url);

/** Returns the file of one of restlake's own modules, such as `lib/aws/lambda`. */
export const ownModule = (path: string): string => fileURLToPath(new URL(`../${path}${EXTENSION}`, import.meta.url));
