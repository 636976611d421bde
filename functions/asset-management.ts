/**
 * Asset management: inventories, assets and members, 25 rows per page.
 * The API has a fixed page size, so that no size parameter is sent. It throttles with a `Retry-After` of a minute or more.
 */
import { defineSource, secret } from "../lib/config/index.ts";

export const source = defineSource(
  {
    name: "asset_management",
    client: {
      base_url: "https://api.example.com",
      auth: {
        type: "api_key",
        name: "api_key",
        api_key: secret("api_key"),
        location: "header",
      },
      error_handler: {
        retry_on_status_codes: [429],
        min_retry_after: 60,
      },
    },
    resource_defaults: {
      primary_key: "id",
      write_disposition: "merge",
    },
    resources: [
      {
        name: "inventories",
        endpoint: {
          path: "/inventory.api",
          data_selector: "assets",
          paginator: {
            type: "page_number",
            base_page: 1,
            page_param: "page",
            limit: 25,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          identifier: { data_type: "text", nullable: false },
          sequence_num: { data_type: "bigint" },
          name: { data_type: "text" },
          description: { data_type: "text" },
          price: { data_type: "text" },
          sale_price: { data_type: "text" },
          net_quantity: { data_type: "bigint" },
          location_id: { data_type: "bigint" },
          group_id: { data_type: "bigint" },
          vendor_id: { data_type: "bigint" },
          tax_free: { data_type: "bool" },
          audit_pending: { data_type: "bool" },
          created_at: { data_type: "timestamp" },
          updated_at: { data_type: "timestamp" },
          contact_for_item: { data_type: "text" },
          internal_rating: { data_type: "text" },
          documents: { data_type: "json" },
          line_items: { data_type: "json" },
        },
      },
      {
        name: "assets",
        endpoint: {
          path: "/assets.api",
          data_selector: "assets",
          paginator: {
            type: "page_number",
            base_page: 1,
            page_param: "page",
            limit: 25,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          identifier: { data_type: "text", nullable: false },
          sequence_num: { data_type: "bigint" },
          name: { data_type: "text" },
          description: { data_type: "text" },
          price: { data_type: "text" },
          sale_price: { data_type: "text" },
          net_quantity: { data_type: "bigint" },
          location_id: { data_type: "bigint" },
          group_id: { data_type: "bigint" },
          vendor_id: { data_type: "bigint" },
          tax_free: { data_type: "bool" },
          audit_pending: { data_type: "bool" },
          created_at: { data_type: "timestamp" },
          updated_at: { data_type: "timestamp" },
          contact_for_item: { data_type: "text" },
          internal_rating: { data_type: "text" },
          documents: { data_type: "json" },
          state: { data_type: "text" },
          assigned_to_user_name: { data_type: "text" },
          checkout_on: { data_type: "timestamp" },
          purchased_on: { data_type: "date" },
          depreciated_value: { data_type: "json" },
          group__depreciation_rates: { data_type: "json" },
        },
      },
      {
        name: "members",
        endpoint: {
          path: "/members.api",
          data_selector: "members",
          paginator: {
            type: "page_number",
            base_page: 1,
            page_param: "page",
            limit: 25,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          first_name: { data_type: "text" },
          last_name: { data_type: "text" },
          full_name: { data_type: "text" },
          email: { data_type: "text" },
          role_id: { data_type: "bigint" },
          role_name: { data_type: "text" },
          status: { data_type: "bigint" },
          hourly_rate: { data_type: "text" },
          created_at: { data_type: "timestamp" },
          updated_at: { data_type: "timestamp" },
          country: { data_type: "text" },
        },
      },
    ],
  },
  { schedule: "cron(0 3 * * ? *)" },
);
