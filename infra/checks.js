/**
 * The framework's plugin that says before a deployment what would fail after it, or at night. osls loads it by its default
 * export, a class.
 */
import { unsetBaseUrls, wrongSize } from "./checks.ts";
import { readStack } from "./serverless.js";

export default class Checks {
  /** @param {any} serverless the framework */
  constructor(serverless) {
    /** @param {string} message */
    const refuse = (message) => {
      // The framework's own error is printed without its stack.
      throw new serverless.classes.Error(message, "RESTLAKE");
    };
    this.hooks = {
      "before:aws:package:finalize:saveServiceState": () => {
        const problem = wrongSize(serverless.service.provider.compiledCloudFormationTemplate);
        if (problem !== null) refuse(problem);
      },
      // Before anything is packaged.
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
