/**
 * The plugin of the Serverless Framework (osls): `plugins: [restlake/plugin]` in serverless.yml. It adds the stack of the
 * sources in `functions/`, and bundles their Lambdas. osls loads a `.js` module, and Node strips the types of the modules that it
 * imports.
 */
import { createPlugin } from "./plugin/index.ts";

export default class Restlake {
  /** @param {import("./plugin/framework.ts").Framework} serverless */
  constructor(serverless) {
    Object.assign(this, createPlugin(serverless));
  }
}
