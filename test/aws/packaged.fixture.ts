import { makeServiceFolder } from "../../local/service-folder.ts";
import { type CompiledTemplate, packageStack } from "../infra/package.fixture.ts";

/**
 * Packages the service while another test does the same: the framework works in the folder that it is started in.
 *
 * @param parameters such as `--param=...`
 */
export const packageApart = async (folder: string, parameters: string[]): Promise<{ template: CompiledTemplate }> => {
  const service = makeServiceFolder();
  try {
    return await packageStack(service.folder, folder, parameters);
  } finally {
    service.remove();
  }
};
