/** Subject: restlake's steps in this process, called like in `npm run sync` and in the Lambdas, with a lake in another process. */
import { randomUUID } from "node:crypto";
import { defineSource, type Source } from "../lib/config/index.ts";
import { resolveSource } from "../lib/config/resolve.ts";
import { NO_TRANSITIONS } from "../lib/metering/transitions.ts";
import type { Ports } from "../lib/ports/index.ts";
import { finish } from "../lib/run/finish.ts";
import { open } from "../lib/run/open.ts";
import { resourceFactsOf } from "../lib/run/source-facts.ts";
import { work } from "../lib/run/work.ts";
import { createRedactor } from "../lib/secrets/redact.ts";
import { systemClock } from "../lib/time/clock.ts";
import { MINUTE } from "../lib/time/durations.ts";
import { connectLake } from "../local/bucket.ts";
import { type Load, measureWork, pathOf, readLoad } from "./load.ts";

/** Maximum time of a Lambda in milliseconds. */
const MAX_LAMBDA_TIME = 15 * MINUTE;

const sourceOf = (load: Load): Source => {
  const { api: base_url, max_concurrency, file_format, parallelized } = load;
  const client = { base_url, ...(max_concurrency && { max_concurrency }) };
  const resource_defaults = { ...(file_format && { file_format }) };
  const path = pathOf(load);
  if (load.kind === "rows") {
    const paginator = { type: "page_number" as const, base_page: 1, total_path: "total_pages" };
    const endpoint = { path, data_selector: "data", paginator };
    return defineSource({ name: "bench", client, resource_defaults, resources: [{ name: "rows", endpoint }] });
  }
  const single = { data_selector: "data", paginator: "single_page" as const };
  return defineSource({
    name: "bench",
    client,
    resource_defaults,
    resources: [
      { name: "parents", endpoint: { path, ...single } },
      {
        name: "children",
        ...(parallelized && { parallelized }),
        endpoint: { path: `${path}/{resources.parents.id}`, ...single },
      },
    ],
  });
};

const load = readLoad();
const source = resolveSource(sourceOf(load));
const lake = connectLake(load.out);
const ports: Ports = {
  bucket: lake.bucket,
  secrets: { get: (field) => Promise.reject(new Error(`no secret ${field}`)), put: async () => {} },
  fetch,
  clock: systemClock,
  logger: { debug() {}, info() {}, warn: console.error },
  redactor: createRedactor(),
};

await measureWork(async () => {
  const { max_run_age, fresh_after } = source.settings;
  const facts = { source: source.name, resources: resourceFactsOf(source), bounds: { max_run_age, fresh_after } };
  const run = await open(ports, { ...facts, transitions: NO_TRANSITIONS, input: {}, owner: "bench" });
  if (run.status !== "open") throw new Error("the lake is not empty");
  let rows = 0;
  for (const { name } of source.resources) {
    let outcome = await work(ports, source, name, { run } as never, { id: randomUUID(), time: MAX_LAMBDA_TIME });
    while (outcome.status === "partial") {
      outcome = await work(ports, source, name, { run } as never, { id: randomUUID(), time: MAX_LAMBDA_TIME });
    }
    if (outcome.status !== "done") throw new Error(`${name} is ${outcome.status}`);
    rows += outcome.rows;
  }
  const finished = await finish(ports, { ...facts, run, failures: {} });
  if (finished.status !== "done") throw new Error(`the run is ${finished.status}`);
  return rows;
});
lake.close();
