import type { Source } from "./index.ts";
import type { Auth, Column, ErrorHandler, Incremental, Paginator } from "./schema/index.ts";
import type { SecretReference } from "./secret.ts";

/** A placeholder of a child's path and the field of the parent's raw row that fills it. */
export interface Binding {
  placeholder: string;
  field: string;
}

/** A resource with every default applied: what extraction reads. */
export interface ResolvedResource {
  name: string;
  table: string;
  method: "GET";
  /** May hold `{placeholder}`s, which `parent` binds. */
  path: string;
  /** Query parameters that are sent as they are. */
  params: Record<string, string>;
  headers: Record<string, string>;
  parent: { resource: string; bindings: Binding[]; include: string[] } | null;
  paginator: Paginator;
  /** null: found in each response by itself. */
  data_selector: string | null;
  incremental: Incremental | null;
  error_handler: Required<ErrorHandler>;
  write_disposition: "append" | "replace" | "merge";
  primary_key: string[];
  columns: Record<string, Column>;
  selected: boolean;
  /** Top-level fields of this resource's raw rows that its children need. */
  fields_for_children: string[];
}

/** A source with every default applied, its resources in dependency order. */
export interface ResolvedSource {
  name: string;
  base_url: string;
  headers: Record<string, string | SecretReference>;
  auth: Auth | null;
  resources: ResolvedResource[];
  settings: Required<Omit<Source["settings"], "schedule" | "timezone">>;
}
