/** The framework's plugin that stops a deployment that would fail later. osls loads a plugin by its default export, a class. */
import { unsetBaseUrls, wrongSize } from "./checks.ts";
import { readStack } from "./serverless.js";

export default class Checks {
  /** @param {any} serverless the framework */
  constructor(serverless) {
    /** @param {string} message */
    const refuse = (message) => {
      // The framework prints its own errors without a stack trace.
      throw new serverless.classes.Error(message, "RESTLAKE");
    };
    this.hooks = {
      "before:aws:package:finalize:saveServiceState": () => {
        const problem = wrongSize(serverless.service.provider.compiledCloudFormationTemplate);
        if (problem !== null) refuse(problem);
      },
      // Runs before anything is packaged.
      initialize: async () => {
        if (serverless.processedInput.commands.join(" ") !== "deploy") return;
        const { service, provider, custom } = serverless.service;
        const { sources, options } = await readStack(service, provider.stage, custom.restlake);
        const problems = unsetBaseUrls(sources, options);
        if (problems.length > 0) refuse(problems.join("\n"));
      },
    };
  }
}
