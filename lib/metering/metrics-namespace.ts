/** Namespace of all metrics in CloudWatch. Their dimensions are `service` (Powertools: service and stage) and `source`. */
export const METRICS_NAMESPACE = "restlake";
