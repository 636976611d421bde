import type { Source } from "../config/index.ts";
import { resolveSource } from "../config/resolve.ts";
import type { Outcome } from "../extract/outcome.ts";
import { work } from "../run/work.ts";
import { maskedFieldsIn } from "../secrets/roles.ts";
import { handler } from "./handler.ts";
import { countInvocation } from "./metrics.ts";
import { logger } from "./observability.ts";
import { createAwsPorts, environment } from "./ports.ts";
import { createAwsSecrets } from "./secrets.ts";

/**
 * Returns the handler of a source's Lambdas, which bundling exports. There is one Lambda per resource, and its environment names the resource: the
 * stack sets `RESTLAKE_RESOURCE`, `RESTLAKE_SECRET` and `RESTLAKE_BUCKET`, and `RESTLAKE_BASE_URL` where a stage replaces
 * the config's base_url.
 *
 * @example
 * export const handler = lambda(source);
 */
export const lambda = (source: Source) =>
  handler<unknown, Outcome>(async (event, context) => {
    const resource = environment("RESTLAKE_RESOURCE");
    logger.appendKeys({ source: source.config.name, resource });
    const resolved = resolveSource(source, { base_url: process.env.RESTLAKE_BASE_URL || undefined });
    const secrets = createAwsSecrets(environment("RESTLAKE_SECRET"), maskedFieldsIn(resolved.resources));
    const outcome = await work(createAwsPorts(secrets, resolved.settings), resolved, resource, event, {
      id: context.awsRequestId,
      time: context.getRemainingTimeInMillis(),
      memory_mb: Number(context.memoryLimitInMB),
      onStats: (added) => countInvocation(source.config.name, resource, added),
    });
    logger.info("outcome", { outcome });
    return outcome;
  });
