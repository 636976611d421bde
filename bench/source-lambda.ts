/** The module of a source's Lambdas, as the plugin bundles it. */
import { source } from "../functions/order-management.ts";
import { lambda } from "../lib/aws/lambda.ts";

export const handler = lambda(source);
