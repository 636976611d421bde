import type { Manifest } from "../../lib/lake/manifest.ts";

type Part = Manifest["parts"][number];

/** Facts of a manifest that a test writes itself. */
export type ManifestFacts = Partial<Omit<Manifest, "parts">> &
  Pick<Manifest, "resource" | "table" | "run_id"> & { parts: (Partial<Part> & Pick<Part, "key" | "rows">)[] };

/** Resources that load a table together in some tests. */
const SHARED = ["web", "fair", "shop", "first"];

/** Returns a complete manifest. Missing facts have the defaults of a config, and parts the hash of nothing that exists. */
export const manifestOf = ({ parts, ...facts }: ManifestFacts): Manifest => ({
  version: 1,
  source: "shop",
  full_refresh: false,
  removes_missing_rows: false,
  write_disposition: "append",
  primary_key: [],
  merge_key: [],
  hard_delete: null,
  dedup_sort: null,
  insert_only: false,
  table_resources: [...new Set([facts.table, facts.resource, ...SHARED])],
  rows: parts.reduce((sum, { rows }) => sum + rows, 0),
  discarded_rows: 0,
  discarded_values: 0,
  warnings: [],
  masked_rows: 0,
  read_rows: 0,
  reported_rows: null,
  differing_lists: 0,
  repeated_rows: 0,
  skipped_parents: 0,
  skipped_parent_rows: [],
  pages: parts.length,
  parts: parts.map((part, index) => ({
    part: index + 1,
    bytes: 0,
    sha256: "0".repeat(64),
    schema_version: 1,
    parent_rows: null,
    ...part,
  })),
  cursors: {},
  ...facts,
});
