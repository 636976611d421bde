import { makeServiceFolder } from "../../local/service-folder.ts";
import { type CompiledTemplate, PROJECT, packageStack } from "../infra/package.fixture.ts";

/**
 * Packages the service in a separate service folder: the framework writes into its working directory, and other tests package
 * the service at the same time.
 *
 * @param parameters for example `--param=...`
 */
export const packageApart = async (folder: string, parameters: string[]): Promise<{ template: CompiledTemplate }> => {
  const service = makeServiceFolder(PROJECT);
  try {
    return await packageStack(service.folder, folder, parameters);
  } finally {
    service.remove();
  }
};
