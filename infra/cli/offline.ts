import { resolve } from "node:path";
import process from "node:process";
import { ConfigError } from "../../lib/errors.ts";
import { LOCAL_BUCKET } from "../local/in-process.ts";
import { LOCAL_STACK, startOfflineStack } from "../local/offline-stack.ts";
import { functionName } from "../names.ts";
import { loadSources } from "../sources.ts";
import { readArguments } from "./arguments.ts";
import { onInterrupt } from "./interrupt.ts";
import { EXIT } from "./main.ts";
import { DEFAULT_OUT } from "./sync.ts";

const USAGE = "npm run offline -- [--out DIR]";

/** serverless-offline's own default, and the ports beside it. */
const PORTS = { lambda: 3002, s3: 3010, secrets_manager: 3011, firstApi: 3020 };

/** `npm run offline`: serverless-offline and the stand-ins stay up, for invoking single Lambdas by hand. */
export const run = async (args: string[]): Promise<number> => {
  const { values, positionals } = readArguments(args, { out: { type: "string", default: DEFAULT_OUT } }, USAGE);
  if (positionals.length > 0) throw new ConfigError(`usage: ${USAGE}`);
  const sources = await loadSources();
  const interrupt = onInterrupt();
  const stack = await startOfflineStack({
    out: resolve(process.env.INIT_CWD ?? ".", values.out),
    ports: {
      ...PORTS,
      apis: Object.fromEntries(sources.map(({ resolved }, index) => [resolved.name, PORTS.firstApi + index])),
    },
    onLine: (line) => {
      if (line.startsWith("{")) console.log(line);
    },
  });
  const { endpoints, apis } = stack;
  const [first] = sources;
  const example = functionName(LOCAL_STACK, first?.resolved.name ?? "", first?.resolved.resources[0]?.name ?? "");
  console.log(
    [
      "Everything is up; Ctrl-C ends it.",
      `  Lambda API        ${endpoints.lambda}`,
      `  S3                ${endpoints.s3}  (bucket ${LOCAL_BUCKET}, files below ${values.out}/s3)`,
      `  Secrets Manager   ${endpoints.secrets_manager}`,
      ...Object.entries(apis.urls).map(([source, url]) => `  sample API        ${url}  (${source})`),
      "Invoke a Lambda by hand, as the console would with {}:",
      `  curl -s -d '{}' ${endpoints.lambda}/2015-03-31/functions/${example}/invocations`,
      "The Lambdas:",
      ...sources.flatMap(({ resolved }) =>
        resolved.resources.map(({ name }) => `  ${functionName(LOCAL_STACK, resolved.name, name)}`),
      ),
    ].join("\n"),
  );
  await new Promise<void>((done) => interrupt.signal.addEventListener("abort", () => done(), { once: true }));
  console.log("Stopping.");
  await stack.close();
  interrupt.release();
  return EXIT.stopped;
};
