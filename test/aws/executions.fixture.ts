import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from "@aws-sdk/client-sfn";
import { until } from "../until.ts";
import type { Emulator } from "./emulator.fixture.ts";

/** Events of a failed execution that its error shows. */
const LAST_EVENTS = 5;

/** An execution that ended well. */
export interface Succeeded {
  arn: string;
  output: Record<string, unknown>;
}

/** Step Functions, as the console has it. */
export interface Executions {
  /** Starts a machine. @returns the execution's ARN. */
  start(machine: string, input?: object): Promise<string>;
  /** @throws Error with the end of its history, when an execution ends otherwise. */
  succeeded(arn: string): Promise<Succeeded>;
  /** ARNs of all executions of a machine. */
  of(machine: string): Promise<string[]>;
  close(): void;
}

/** Connects to the emulator's Step Functions. */
export const connectExecutions = ({ client: settings }: Emulator): Executions => {
  const client = new SFNClient(settings);
  return {
    async start(machine, input = {}) {
      const command = new StartExecutionCommand({ stateMachineArn: machine, input: JSON.stringify(input) });
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
    async of(machine) {
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn: machine }));
      return executions.map(({ executionArn }) => String(executionArn));
    },
    close: () => client.destroy(),
  };
};
