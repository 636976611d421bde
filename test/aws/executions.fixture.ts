import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { until } from "../until.ts";
import type { Emulator } from "./emulator.fixture.ts";

/** Number of history events in the error for a failed execution. */
const LAST_EVENTS = 5;

/** A successful execution. */
export interface Succeeded {
  arn: string;
  output: Record<string, unknown>;
}

/** Operations of Step Functions, as in the console. */
export interface Executions {
  /** Starts a state machine and returns the ARN of the execution. */
  start(stateMachineArn: string, input?: object): Promise<string>;
  /** Waits for an execution to succeed. @throws Error with the last events if it ends otherwise. */
  succeeded(arn: string): Promise<Succeeded>;
  /** Returns the ARNs of all executions of a state machine. */
  of(stateMachineArn: string): Promise<string[]>;
  close(): void;
}

/** Connects to the emulator's Step Functions. */
export const connectExecutions = ({ client: settings }: Emulator): Executions => {
  const client = new SFNClient(settings);
  return {
    async start(stateMachineArn, input = {}) {
      const command = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
      return String((await client.send(command)).executionArn);
    },
    succeeded: (arn) =>
      until(`${arn} has ended`, async () => {
        const { status, output, error, cause } = await client.send(new DescribeExecutionCommand({ executionArn: arn }));
        if (status === "RUNNING") return null;
        if (status === "SUCCEEDED") return { arn, output: JSON.parse(output ?? "{}") as Record<string, unknown> };
        const command = new GetExecutionHistoryCommand({ executionArn: arn, reverseOrder: true });
        const { events = [] } = await client.send(command);
        throw new Error(
          `${arn} ${status}: ${error} ${cause}\n${JSON.stringify(events.slice(0, LAST_EVENTS), null, 1)}`,
        );
      }),
    async of(stateMachineArn) {
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }));
      return executions.map(({ executionArn }) => String(executionArn));
    },
    close: () => client.destroy(),
  };
};
