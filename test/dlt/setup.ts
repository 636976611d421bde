import { fileURLToPath } from "node:url";
import { prepareEnvironment, requirePython } from "../../tools/python/environment.ts";
import { ENVIRONMENT } from "./dlt.fixture.ts";

/** Installs dlt before the tests of `npm run test:dlt`. */
export default async (): Promise<void> => {
  await requirePython("npm run test:dlt");
  await prepareEnvironment(ENVIRONMENT, fileURLToPath(new URL("requirements.txt", import.meta.url)));
};
