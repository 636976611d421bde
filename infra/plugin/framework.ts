/** Reads a property of serverless.yml, with its variables resolved. */
export type ReadProperty = (path: string[]) => Promise<unknown>;

/** Resolves `${restlake:<address>}` in serverless.yml. */
export interface VariableSource {
  resolve(input: { address: string; resolveConfigurationProperty: ReadProperty }): Promise<{ value: unknown }>;
}

/** The parts that the plugin uses of the Serverless Framework, version 4 (osls). */
export interface Framework {
  /** Folder of serverless.yml. */
  serviceDir: string;
  processedInput: { commands: string[] };
  classes: { Error: new (message: string, code: string) => Error };
  /** Content of serverless.yml. Its variables are resolved after the plugins are initialized. */
  configurationInput: { provider?: Record<string, unknown>; functions?: unknown; resources?: unknown };
  /** Changes serverless.yml. The value may contain variables. */
  extendConfiguration(path: string[], value: unknown): void;
  service: {
    service: string;
    provider: { stage: string; compiledCloudFormationTemplate?: Template };
    custom?: Record<string, unknown>;
    functions: Record<string, { handler?: string; package?: { artifact?: string } }>;
  };
  pluginManager: { spawn(command: string): Promise<void> };
}

/** A CloudFormation template. */
export interface Template {
  Resources?: Record<string, { Type: string }>;
}
