/**
 * Inventory management: one resource with offset and limit, and the key in the query string.
 * Throttling and server errors are retried three times with exponential backoff.
 */
import { defineSource, secret } from "../lib/config/index.ts";

export const source = defineSource(
  {
    name: "inventory_management",
    client: {
      base_url: "https://api.example.com",
      auth: {
        type: "api_key",
        name: "api_key",
        api_key: secret("api_key"),
        location: "query",
      },
      error_handler: {
        retry_on_status_codes: [429, 500, 502, 503, 504],
        max_retries: 3,
        backoff_factor: 2,
      },
    },
    resource_defaults: {
      primary_key: "id",
      write_disposition: "merge",
    },
    resources: [
      {
        name: "inventory_items",
        endpoint: {
          path: "/v1/inventory",
          data_selector: "data",
          paginator: {
            type: "offset",
            limit: 100,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          name: { data_type: "text", nullable: false },
          quantity: { data_type: "bigint", nullable: false },
          sku: { data_type: "text" },
          category: { data_type: "text" },
          unit: { data_type: "text" },
          unit_price: { data_type: "text" },
          weight_kg: { data_type: "double" },
          reorder_point: { data_type: "bigint" },
          is_active: { data_type: "bool" },
          warehouse__code: { data_type: "text" },
          warehouse__bin: { data_type: "text" },
          labels: { data_type: "json" },
          expires_on: { data_type: "date" },
          last_counted_at: { data_type: "timestamp" },
        },
      },
    ],
  },
  { schedule: "cron(40 3 * * ? *)" },
);
