/**
 * Stock analytics: stock levels, items, customers and orders with offset and limit, and the key in the query string.
 * `orders` is loaded incrementally. Every run reads all other resources in full.
 */
import { defineSource, secret } from "../lib/config/index.ts";

export const source = defineSource(
  {
    name: "stock_analytics",
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
      },
    },
    resource_defaults: {
      primary_key: "id",
      write_disposition: "merge",
    },
    resources: [
      {
        name: "stock_summaries",
        endpoint: {
          path: "/v1/stock_summaries",
          data_selector: "data",
          paginator: {
            type: "offset",
            limit: 100,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          facility_id: { data_type: "bigint", nullable: false },
          item__sku: { data_type: "text", nullable: false },
          item__id: { data_type: "bigint", nullable: false },
          total_received: { data_type: "double", nullable: false },
          allocated: { data_type: "double", nullable: false },
          available: { data_type: "double", nullable: false },
          on_hold: { data_type: "double", nullable: false },
          on_hand: { data_type: "double", nullable: false },
        },
      },
      {
        name: "customers",
        endpoint: {
          path: "/v1/customers",
          data_selector: "data",
          paginator: {
            type: "offset",
            limit: 100,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          name: { data_type: "text" },
          email: { data_type: "text" },
          phone: { data_type: "text" },
          city: { data_type: "text" },
          country: { data_type: "text" },
          is_active: { data_type: "bool" },
          created_at: { data_type: "timestamp" },
        },
      },
      {
        name: "items",
        endpoint: {
          path: "/v1/items",
          data_selector: "data",
          paginator: {
            type: "offset",
            limit: 100,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          sku: { data_type: "text" },
          upc: { data_type: "text" },
          description: { data_type: "text" },
          cost: { data_type: "double" },
          price: { data_type: "double" },
          kit: { data_type: "json" },
          external_id: { data_type: "bigint" },
        },
      },
      {
        name: "stock_details",
        endpoint: {
          path: "/v1/stock_details",
          data_selector: "data",
          paginator: {
            type: "offset",
            limit: 100,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          lot_number: { data_type: "text" },
          serial_number: { data_type: "text" },
          received: { data_type: "double", nullable: false },
          available: { data_type: "double", nullable: false },
          on_hand: { data_type: "double", nullable: false },
          is_on_hold: { data_type: "bool", nullable: false },
          quarantined: { data_type: "bool", nullable: false },
          expiration_date: { data_type: "date" },
          received_date: { data_type: "date", nullable: false },
          supplier__id: { data_type: "bigint" },
          supplier__name: { data_type: "text" },
          location__id: { data_type: "bigint" },
          location__name: { data_type: "text" },
          location__aisle: { data_type: "text" },
        },
      },
      {
        name: "inventory",
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
          name: { data_type: "text" },
          quantity: { data_type: "double" },
          facility_id: { data_type: "bigint" },
          item_id: { data_type: "bigint" },
          bin: { data_type: "text" },
          counted_at: { data_type: "timestamp" },
        },
      },
      {
        name: "orders",
        endpoint: {
          path: "/v1/orders",
          data_selector: "data",
          paginator: {
            type: "offset",
            limit: 100,
          },
          incremental: {
            cursor_path: "last_modified_date",
            start_param: "last_modified_date_min",
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          number: { data_type: "text" },
          status: { data_type: "text" },
          customer_id: { data_type: "bigint" },
          facility_id: { data_type: "bigint" },
          total: { data_type: "text" },
          lines: { data_type: "json" },
          creation_date: { data_type: "timestamp", nullable: false },
          last_modified_date: { data_type: "timestamp", nullable: false },
        },
      },
    ],
  },
  { schedule: "cron(20 4 * * ? *)" },
);
