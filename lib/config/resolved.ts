import type { DeclaredColumn, FileFormat } from "../columns/table-schema.ts";
import type { Json, JsonObject } from "../json/index.ts";
import type { SecretReference } from "../secrets/reference.ts";
import type {
  AuthFunction,
  Convert,
  Registered,
  ResponseFunction,
  RowFilter,
  RowMap,
  RowYieldMap,
} from "./callbacks.ts";
import type { Source } from "./index.ts";
import type { AuthConfig, ErrorHandler, PaginatorConfig, RateLimit } from "./schema/index.ts";

/** A paginator whose type is known: not `auto`. */
export type PagePaginator = Exclude<PaginatorConfig, { type: "auto" | "json_response" }> | Registered<"paginator">;

/** Place of a key in a request. */
export interface KeyPlace {
  /** Name of the header, query parameter or cookie. */
  name: string;
  location: "header" | "query" | "cookie";
}

/** A built-in auth with all defaults applied. */
export type BuiltInAuth =
  | Exclude<AuthConfig, { type: "api_key" | "session_token" }>
  | (Omit<Extract<AuthConfig, { type: "api_key" }>, keyof KeyPlace> & KeyPlace)
  | (Omit<Extract<AuthConfig, { type: "session_token" }>, keyof KeyPlace | "token_path" | "prefix"> &
      KeyPlace & { token_path: string; prefix: string });

/** An auth with all defaults applied. */
export type ResolvedAuth = BuiltInAuth | AuthFunction | Registered<"auth">;

/** Text, which may contain placeholders, or a secret reference. */
export type TextOrSecret = string | SecretReference;

/** Body of a request: JSON, a form, or text. Strings may contain placeholders. */
export type Body = { json: Json } | { form: [string, TextOrSecret][] } | { text: string };

/** Incremental loading with all defaults applied. */
export interface ResolvedIncremental {
  cursor_path: string;
  initial_value: string | number | null;
  /** End of a backfill. A resource with it has no incremental state. */
  end_value: string | number | null;
  last_value_func: "max" | "min";
  /** Fields that identify rows with the same cursor value; empty: the whole row; null: no deduplication. */
  dedup_key: string[] | null;
  row_order: "asc" | "desc" | null;
  on_cursor_value_missing: "raise" | "include" | "exclude";
  lag: number;
  range_start: "closed" | "open";
  range_end: "open" | "closed";
  start_param: string | null;
  end_param: string | null;
  convert: Convert | null;
  /** Formats of times in the cursor values; null: recognised; empty: text is compared as text. */
  cursor_datetime_formats: string[] | null;
}

/** Actions for the responses with a status, a content, or both. */
export interface ResponseAction {
  status_code: number | null;
  content: string | null;
  actions: ("ignore" | "retry" | "fail" | ResponseFunction)[];
}

/** A processing step with its user callback. */
export type CallbackStep = { filter: RowFilter } | { map: RowMap } | { yield_map: RowYieldMap };

/** Value of a field that a step adds: JSON, text that may contain `{run.opened_at}`, or what a JSONPath finds in the row. */
export type AddedValue = { value: Json } | { text: string } | { path: string };

/** A processing step that is data. Paths (JSONPath) are those of a row. */
export type DeclaredStep =
  /** Expression that is true for the rows to keep. */
  | { filter: string }
  | { remove: string[] }
  /** New names by path. */
  | { rename: Record<string, string> }
  | { add: Record<string, AddedValue> };

/** One processing step. */
export type ProcessingStep = CallbackStep | DeclaredStep;

/** Reaction to a change of the table: apply it, fail, or discard the row or the value. */
export type ContractMode = "evolve" | "freeze" | "discard_row" | "discard_value";

/** dlt's `schema_contract`, by kind of change. */
export interface SchemaContract {
  tables: ContractMode;
  columns: ContractMode;
  data_type: ContractMode;
}

/** dlt's `dedup_sort`: of the rows with the same key in one run, the first in this order is kept. */
export interface DedupSort {
  column: string;
  order: "asc" | "desc";
}

/** Rules that combine the rows of several runs in a table. Columns have the names of the config. */
export interface MergeRules {
  write_disposition: string;
  primary_key: string[];
  /** A run's rows replace all earlier rows with the same values in these columns (dlt). */
  merge_key: string[];
  /** A row whose value in this column is true (not null, if the column is not a bool) deletes the row with its key (dlt). */
  hard_delete: string | null;
  dedup_sort: DedupSort | null;
  /** dlt's strategy `insert-only`: the first version of a row stays. */
  insert_only: boolean;
}

/** An origin other than that of base_url, which an absolute path requests. */
export interface OtherOrigin {
  origin: string;
  /** Whether the auth and the secrets that the endpoint inherits are sent there. */
  sends_auth: boolean;
}

/** A resource with all defaults applied, as extraction reads it. */
export interface ResolvedResource extends MergeRules {
  name: string;
  /** Names that it had before. */
  renamed_from: string[];
  /**
   * The resources whose rows count towards the table: those that the source has. `orders`; and `orders/purchases` for an
   * earlier name of it.
   */
  table_resources: string[];
  table: string;
  /** Its rows, from the config; null: they are requested. With rows, everything about requests is empty. */
  rows: JsonObject[] | null;
  method: "GET" | "POST";
  /** May contain placeholders of the parent and the incremental. Names in braces are bound already. */
  path: string;
  /** Secrets by their place in the path, which is `$name$`. */
  path_secrets: Record<string, SecretReference>;
  /** Query parameters. Names and values may contain placeholders. */
  params: Record<string, TextOrSecret | string[]>;
  body: Body | null;
  headers: Record<string, TextOrSecret>;
  auth: ResolvedAuth | null;
  /** null: the path is requested at base_url. */
  other_origin: OtherOrigin | null;
  /** The parent, the fields (JSONPath) of its rows that the request needs, and those that are added to the rows. */
  parent: { resource: string; fields: string[]; include: string[] } | null;
  /** Treatment of a row of the parent that lacks a field which the request needs. */
  on_missing_parent_field: "fail" | "skip";
  /** Treatment of a row of the parent whose request the API refuses. */
  on_error: "fail" | "skip";
  parallelized: boolean;
  max_concurrency: number;
  paginator: PagePaginator | { type: "auto" };
  /** null: detected in each response. */
  data_selector: string | null;
  /** Column for the keys of an object whose entries are the rows; null where rows are not keyed. */
  key_column: string | null;
  /** Treatment of a response that lacks the key of the rows. */
  on_missing_data: "fail" | "empty";
  response_actions: ResponseAction[];
  /** null: detected in each response. */
  response_format: "json" | "jsonl" | "csv" | null;
  processing_steps: ProcessingStep[];
  incremental: ResolvedIncremental | null;
  error_handler: Required<ErrorHandler>;
  write_disposition: "append" | "replace" | "merge";
  /** For a merge: treatment of rows that a run did not see although it read everything. */
  on_missing_rows: "keep" | "delete";
  file_format: FileFormat;
  columns: Record<string, DeclaredColumn>;
  schema_contract: SchemaContract;
  /** Objects deeper than this become JSON text. */
  max_table_nesting: number;
  selected: boolean;
  /** Fields (JSONPath) of this resource's rows that its children need. */
  fields_for_children: string[];
}

/** A source with all defaults applied and its resources in dependency order. */
export interface ResolvedSource {
  name: string;
  base_url: string;
  rate_limit: RateLimit | null;
  resources: ResolvedResource[];
  /** Names of resources with `selected: false` and without selected descendants, which are not in `resources`. */
  unselected: string[];
  settings: Required<Omit<Source["settings"], "schedule" | "timezone">>;
}
