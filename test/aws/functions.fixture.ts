import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Emulator } from "./emulator.fixture.ts";

/** Operations of Lambda, as in the console. */
export interface Functions {
  /** Invokes a function and returns its result, or the error that Lambda reports. */
  invoke(name: string, event: object): Promise<unknown>;
  close(): void;
}

/** Connects to the emulator's Lambda. */
export const connectFunctions = ({ client: settings }: Emulator): Functions => {
  const client = new LambdaClient({ ...settings, maxAttempts: 1 });
  return {
    async invoke(name, event) {
      const { Payload } = await client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
      return JSON.parse(Payload?.transformToString() ?? "null") as unknown;
    },
    close: () => client.destroy(),
  };
};
