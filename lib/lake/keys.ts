import type { FileFormat } from "../columns/table-schema.ts";
/** A resource in a run: what it leaves for others is found by that. */
export interface RunAddress {
  source: string;
  resource: string;
  table: string;
  run_id: string;
  /** Whether it is a table's data; a resource that is only a parent has everything under `state/`. */
  selected: boolean;
}

/** Where a resource's log lies. */
export interface LogAddress extends RunAddress {
  file_format: FileFormat;
}

interface Addressed {
  name: string;
  table: string;
  selected: boolean;
}

/** A resource in a run. */
export const addressOf = (source: string, { name, table, selected }: Addressed, run_id: string): RunAddress => ({
  source,
  resource: name,
  table,
  run_id,
  selected,
});

/** The log of a resource in a run. */
export const logAddressOf = (
  source: string,
  resource: Addressed & { file_format: FileFormat },
  run_id: string,
): LogAddress => ({ ...addressOf(source, resource, run_id), file_format: resource.file_format });

/** How the parts of a file format are told from others. */
export const FILE_FORMATS: Record<FileFormat, { folder: string; extension: string; content_type: string }> = {
  jsonl: { folder: "json", extension: "json.gz", content_type: "application/gzip" },
  parquet: { folder: "parquet", extension: "parquet", content_type: "application/vnd.apache.parquet" },
};

/** `20261120T090000Z-1a2b3c4d` -> `2026-11-20`. */
export const dateOfRun = (run_id: string): string =>
  `${run_id.slice(0, 4)}-${run_id.slice(4, 6)}-${run_id.slice(6, 8)}`;

/** Matches any text, slashes included: in place of an argument, it makes a key function return an IAM pattern. */
export const ANY = "*";

/** Prefix of all parts of a table in one file format. */
export const partsPrefix = (source: string, table: string, file_format: FileFormat): string =>
  `data/${source}/${table}/${FILE_FORMATS[file_format].folder}/`;

/** Prefix of the parts of the runs of one day below `partsPrefix`: a Hive partition. */
export const dayPrefix = (date: string): string => `dt=${date}/`;

/** Part n (from 1) of a log: nothing in its key depends on time or content. */
export const partKey = (address: LogAddress, part: number): string => {
  const { source, resource, table, run_id, selected, file_format } = address;
  const name = `${resource}-${String(part).padStart(6, "0")}.${FILE_FORMATS[file_format].extension}`;
  return selected
    ? `${partsPrefix(source, table, file_format)}${dayPrefix(dateOfRun(run_id))}${run_id}/${name}`
    : `state/${source}/${run_id}/log/${name}`;
};

/** Pattern of the parts of a resource, in any run. */
export const partPattern = ({ source, resource, table, selected, file_format }: Omit<LogAddress, "run_id">): string =>
  selected
    ? `${partsPrefix(source, table, file_format)}${ANY}/${resource}-${ANY}`
    : `state/${source}/${ANY}/log/${resource}-${ANY}`;

/** Prefix of the manifests of a table. */
export const manifestsPrefix = (source: string, table: string): string => `manifests/${source}/${table}/`;

/** Written once, when a log is sealed. */
export const manifestKey = ({ source, resource, table, run_id, selected }: RunAddress): string =>
  selected
    ? `${manifestsPrefix(source, table)}${run_id}-${resource}.json`
    : `state/${source}/${run_id}/log/${resource}-manifest.json`;

/** Where a resource stands in a run. */
export const checkpointKey = ({
  source,
  resource,
  run_id,
}: Pick<LogAddress, "source" | "resource" | "run_id">): string => `state/${source}/${run_id}/${resource}.json`;

/** A position too large for S3 metadata, addressed by its content. */
export const positionKey = ({ source, run_id }: Pick<LogAddress, "source" | "run_id">, sha256: string): string =>
  `state/${source}/${run_id}/positions/${sha256}.json`;

/** The raw fields that children need of one part's rows, addressed by their content. */
export const parentRowsKey = ({ source, run_id }: Pick<LogAddress, "source" | "run_id">, sha256: string): string =>
  `state/${source}/${run_id}/parents/${sha256}.json.gz`;

/** Prefix of all schemas; one folder per source lies below. */
export const SCHEMAS_PREFIX = "schemas/";

/** Prefix of the schemas of a source. */
export const schemasPrefix = (source: string): string => `${SCHEMAS_PREFIX}${source}/`;

/** The columns of a table. */
export const schemaKey = (source: string, table: string): string => `${schemasPrefix(source)}${table}.json`;

/** Prefix of run records, checkpoints, incremental state, and the logs of resources without a table. */
export const STATE_PREFIX = "state/";

/** Pattern of all state of a source. */
export const statePattern = (source: string): string => `${STATE_PREFIX}${source}/${ANY}`;

/** Pattern of what resources write below a run: checkpoints, positions, parent rows, logs. Its `Z-` is part of a run_id. */
export const runStatePattern = (source: string): string => `${STATE_PREFIX}${source}/${ANY}Z-${ANY}/${ANY}`;

/** The open run of a source and its lease. */
export const runKey = (source: string): string => `state/${source}/run.json`;

/** The cursors that a resource's next run starts from. No resource may be named `run`: the schema sees to that. */
export const incrementalStateKey = (source: string, resource: string): string => `state/${source}/${resource}.json`;

/** What one needs to query a table elsewhere: nothing reads it back. */
export const tableKey = (source: string, table: string, name: string): string => `tables/${source}/${table}/${name}`;

/** What `finish` writes for people. */
export const reportKey = (source: string, run_id: string): string => `reports/${source}/${run_id}.json`;

/** The same as a page, beside it. */
export const reportPageKey = (source: string, run_id: string): string => `reports/${source}/${run_id}.html`;

/** A copy of the newest report: what the next one compares itself with. No run_id is `latest`. */
export const latestReportKey = (source: string): string => `reports/${source}/latest.json`;
