import type { DeclaredColumn, FileFormat } from "../columns/table-schema.ts";
import type { Json } from "../json/index.ts";
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
import type { Auth, ErrorHandler, Paginator, RateLimit } from "./schema/index.ts";

/** A paginator that knows how it goes from page to page. */
export type PagePaginator = Exclude<Paginator, { type: "auto" | "json_response" }> | Registered<"paginator">;

/** An auth as it is applied. */
export type ResolvedAuth = Auth | AuthFunction | Registered<"auth">;

/** Text, which may hold placeholders, or a secret. */
export type TextOrSecret = string | SecretReference;

/** What a request carries besides its URL: JSON, a form, or text as it is. Texts may hold placeholders. */
export type Body = { json: Json } | { form: [string, TextOrSecret][] } | { text: string };

/** Incremental loading with every default applied. */
export interface ResolvedIncremental {
  cursor_path: string;
  initial_value: string | number | null;
  /** A backfill's end: such a resource has no state. */
  end_value: string | number | null;
  last_value_func: "max" | "min";
  /** What tells rows of one cursor value apart: paths into the row; none: the whole row; null: no dedup. */
  dedup_key: string[] | null;
  row_order: "asc" | "desc" | null;
  on_cursor_value_missing: "raise" | "include" | "exclude";
  lag: number;
  range_start: "closed" | "open";
  range_end: "open" | "closed";
  start_param: string | null;
  end_param: string | null;
  convert: Convert | null;
}

/** One answer that means something else than it says. */
export interface ResponseAction {
  status_code: number | null;
  content: string | null;
  actions: ("ignore" | "retry" | ResponseFunction)[];
}

/** One step of a row's processing. */
export type ProcessingStep = { filter: RowFilter } | { map: RowMap } | { yield_map: RowYieldMap };

/** What becomes of a change of the table: it is made, or is an error, or its row or value is left out. */
export type ContractMode = "evolve" | "freeze" | "discard_row" | "discard_value";

/** dlt's `schema_contract`, by what would change. */
export interface SchemaContract {
  tables: ContractMode;
  columns: ContractMode;
  data_type: ContractMode;
}

/** dlt's `dedup_sort`: of the rows of one key in one run, the first in this order stays. */
export interface DedupSort {
  column: string;
  order: "asc" | "desc";
}

/** What a table shows of several runs. Columns as the config names them. */
export interface MergeRules {
  write_disposition: string;
  primary_key: string[];
  /** A run's rows take the place of all earlier ones with the same values in these columns (dlt). */
  merge_key: string[];
  /** A row that is true in this column, or not null if that is no bool, deletes its row (dlt). */
  hard_delete: string | null;
  dedup_sort: DedupSort | null;
}

/** A resource with every default applied: what extraction reads. */
export interface ResolvedResource extends MergeRules {
  name: string;
  table: string;
  method: "GET" | "POST";
  /** May hold placeholders for the parent's fields; everything else that dlt binds is in it. */
  path: string;
  /** Query parameters; names and texts may hold placeholders. */
  params: Record<string, TextOrSecret | string[]>;
  body: Body | null;
  headers: Record<string, TextOrSecret>;
  auth: ResolvedAuth | null;
  /** The parent, the fields of its rows (JSONPath) that the request needs, and those that come along. */
  parent: { resource: string; fields: string[]; include: string[] } | null;
  parallelized: boolean;
  max_concurrency: number;
  paginator: PagePaginator | { type: "auto" };
  /** null: found in each response by itself. */
  data_selector: string | null;
  response_actions: ResponseAction[];
  processing_steps: ProcessingStep[];
  incremental: ResolvedIncremental | null;
  error_handler: Required<ErrorHandler>;
  write_disposition: "append" | "replace" | "merge";
  file_format: FileFormat;
  columns: Record<string, DeclaredColumn>;
  schema_contract: SchemaContract;
  /** Objects deeper than this are JSON text. */
  max_table_nesting: number;
  selected: boolean;
  /** Fields (JSONPath) of this resource's rows that its children need. */
  fields_for_children: string[];
}

/** A source with every default applied, its resources in dependency order. */
export interface ResolvedSource {
  name: string;
  base_url: string;
  rate_limit: RateLimit | null;
  resources: ResolvedResource[];
  settings: Required<Omit<Source["settings"], "schedule" | "timezone">>;
}
