import { existsSync } from "node:fs";
import { dirname, extname, join } from "node:path";

/** `.ts` in this repository, `.js` in the npm package. */
const EXTENSION = extname(import.meta.url);

const packageFolder = (folder: string): string =>
  existsSync(join(folder, "package.json")) ? folder : packageFolder(dirname(folder));

/** Whether this is restlake's own repository, and not its npm package in another project. */
export const IS_REPOSITORY = EXTENSION === ".ts";

/** Returns a file or folder of restlake's package, such as `examples`. */
export const packageFile = (path: string): string => join(packageFolder(import.meta.dirname), path);

/** Returns the file of one of restlake's own modules, such as `lib/aws/lambda`. */
export const ownModule = (path: string): string => packageFile(`${path}${EXTENSION}`);
