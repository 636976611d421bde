/**
 * Workforce analytics: credentials, webhooks, tasks and work schedules, two rows per page.
 * Each endpoint configures that only throttling (429) is retried.
 */
import { defineSource, secret } from "../lib/config/index.ts";

export const source = defineSource(
  {
    name: "workforce_analytics",
    client: {
      base_url: "https://api.example.com",
      auth: {
        type: "api_key",
        name: "api_key",
        api_key: secret("api_key"),
        location: "header",
      },
    },
    resource_defaults: {
      primary_key: "id",
      write_disposition: "merge",
    },
    resources: [
      {
        name: "public_credentials",
        endpoint: {
          path: "/v1/api_public/credentials",
          data_selector: "data",
          paginator: {
            type: "page_number",
            base_page: 1,
            page_param: "page",
            limit_param: "limit",
            limit: 2,
          },
          error_handler: {
            retry_on_status_codes: [429],
            max_retries: 3,
            backoff_factor: 2,
          },
        },
        columns: {
          id: { data_type: "text", nullable: false },
          company_id: { data_type: "bigint" },
          name: { data_type: "text" },
          legal_name: { data_type: "text" },
          locale: { data_type: "text" },
          tos: { data_type: "bool" },
        },
      },
      {
        name: "webhook_subscriptions",
        endpoint: {
          path: "/v1/api_public/webhook_subscriptions",
          data_selector: "data",
          paginator: {
            type: "page_number",
            base_page: 1,
            page_param: "page",
            limit_param: "limit",
            limit: 2,
          },
          error_handler: {
            retry_on_status_codes: [429],
            max_retries: 3,
            backoff_factor: 2,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          type: { data_type: "text" },
          target_url: { data_type: "text" },
          name: { data_type: "text" },
          enabled: { data_type: "bool" },
        },
      },
      {
        name: "tasks",
        endpoint: {
          path: "/v1/tasks/tasks",
          data_selector: "data",
          paginator: {
            type: "page_number",
            base_page: 1,
            page_param: "page",
            limit_param: "limit",
            limit: 2,
          },
          error_handler: {
            retry_on_status_codes: [429],
            max_retries: 3,
            backoff_factor: 2,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          updated_at: { data_type: "timestamp", nullable: false },
          name: { data_type: "text" },
          content: { data_type: "text" },
          status: { data_type: "text" },
          due_on: { data_type: "date" },
          assignee_ids: { data_type: "json" },
        },
      },
      {
        name: "schedules",
        endpoint: {
          path: "/v1/work_schedule/schedules",
          data_selector: "data",
          paginator: {
            type: "page_number",
            base_page: 1,
            page_param: "page",
            limit_param: "limit",
            limit: 2,
          },
          error_handler: {
            retry_on_status_codes: [429],
            max_retries: 3,
            backoff_factor: 2,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          updated_at: { data_type: "timestamp", nullable: false },
          name: { data_type: "text" },
          employees: { data_type: "json" },
          periods: { data_type: "json" },
        },
      },
      {
        name: "overlap_periods",
        endpoint: {
          path: "/v1/work_schedule/overlap_periods",
          data_selector: "data",
          paginator: {
            type: "page_number",
            base_page: 1,
            page_param: "page",
            limit_param: "limit",
            limit: 2,
          },
          error_handler: {
            retry_on_status_codes: [429],
            max_retries: 3,
            backoff_factor: 2,
          },
        },
        columns: {
          id: { data_type: "bigint", nullable: false },
          default: { data_type: "bool" },
          start_date: { data_type: "date" },
          end_date: { data_type: "date" },
          schedule_type: { data_type: "text" },
          start_day: { data_type: "bigint" },
          start_month: { data_type: "bigint" },
          end_day: { data_type: "bigint" },
          end_month: { data_type: "bigint" },
          schedule_id: { data_type: "bigint" },
        },
      },
    ],
  },
  { schedule: "cron(0 4 * * ? *)" },
);
