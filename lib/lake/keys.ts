import type { FileFormat } from "../columns/table-schema.ts";

/** Address of a resource in a run. The keys of its objects are made from it. */
export interface RunAddress {
  source: string;
  resource: string;
  table: string;
  run_id: string;
  /** Whether the resource has a table. One that is read only for its children has all objects under `state/`. */
  selected: boolean;
}

/** Address of a resource's commit log in a run. */
export interface LogAddress extends RunAddress {
  file_format: FileFormat;
}

interface Addressed {
  name: string;
  table: string;
  selected: boolean;
}

/** Returns the address of a resource in a run. */
export const addressOf = (source: string, { name, table, selected }: Addressed, run_id: string): RunAddress => ({
  source,
  resource: name,
  table,
  run_id,
  selected,
});

/** Returns the address of a resource's commit log in a run. */
export const logAddressOf = (
  source: string,
  resource: Addressed & { file_format: FileFormat },
  run_id: string,
): LogAddress => ({ ...addressOf(source, resource, run_id), file_format: resource.file_format });

/** Folder, file extension and content type of parts, by file format. */
export const FILE_FORMATS: Record<FileFormat, { folder: string; extension: string; content_type: string }> = {
  jsonl: { folder: "json", extension: "json.gz", content_type: "application/gzip" },
  parquet: { folder: "parquet", extension: "parquet", content_type: "application/vnd.apache.parquet" },
};

/** Returns the date of a run: `2026-11-20` for `20261120T090000Z-1a2b3c4d`. */
export const dateOfRun = (run_id: string): string =>
  `${run_id.slice(0, 4)}-${run_id.slice(4, 6)}-${run_id.slice(6, 8)}`;

/** Matches any text, slashes included: in place of an argument, it makes a key function return an IAM pattern. */
export const ANY = "*";

/** Prefix of all parts of a table in one file format. */
export const partsPrefix = (source: string, table: string, file_format: FileFormat): string =>
  `data/${source}/${table}/${FILE_FORMATS[file_format].folder}/`;

/** Prefix of the parts of the runs of one day below `partsPrefix`: a Hive partition. */
export const dayPrefix = (date: string): string => `dt=${date}/`;

/** Key of part n (from 1) of a log. It depends on neither time nor content: two writers of the same part use the same key. */
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

/** Prefix of all manifests, with one folder per source. */
export const MANIFESTS_PREFIX = "manifests/";

/** Prefix of the manifests of a table. */
export const manifestsPrefix = (source: string, table: string): string => `${MANIFESTS_PREFIX}${source}/${table}/`;

/** Key of a resource's manifest in a run. */
export const manifestKey = ({ source, resource, table, run_id, selected }: RunAddress): string =>
  selected
    ? `${manifestsPrefix(source, table)}${run_id}-${resource}.json`
    : `state/${source}/${run_id}/log/${resource}-manifest.json`;

/** Key of a resource's checkpoint in a run. */
export const checkpointKey = ({
  source,
  resource,
  run_id,
}: Pick<LogAddress, "source" | "resource" | "run_id">): string => `state/${source}/${run_id}/${resource}.json`;

/** Key of a position that is too large for S3 metadata, by the hash of its content. */
export const positionKey = ({ source, run_id }: Pick<LogAddress, "source" | "run_id">, sha256: string): string =>
  `state/${source}/${run_id}/positions/${sha256}.json`;

/** Key of a list of primary keys that were read in a run, by the hash of its content. */
export const seenKeysKey = ({ source, run_id }: Pick<LogAddress, "source" | "run_id">, sha256: string): string =>
  `state/${source}/${run_id}/keys/${sha256}`;

/** Key of the raw fields of one part's rows that children use, by the hash of their content. */
export const parentRowsKey = ({ source, run_id }: Pick<LogAddress, "source" | "run_id">, sha256: string): string =>
  `state/${source}/${run_id}/parents/${sha256}.json.gz`;

/** Key of a list of row hashes that do not fit into a cursor, by the hash of its content. Cursors of later runs name it. */
export const rowHashesKey = (source: string, sha256: string): string => `state/${source}/hashes/${sha256}`;

/** Prefix of all schemas, with one folder per source. */
export const SCHEMAS_PREFIX = "schemas/";

/** Prefix of the schemas of a source. */
export const schemasPrefix = (source: string): string => `${SCHEMAS_PREFIX}${source}/`;

/** Key of a table's schema. */
export const schemaKey = (source: string, table: string): string => `${schemasPrefix(source)}${table}.json`;

/** Prefix of run records, checkpoints, incremental state, and the logs of resources without a table. */
export const STATE_PREFIX = "state/";

/** Pattern of all state of a source. */
export const statePattern = (source: string): string => `${STATE_PREFIX}${source}/${ANY}`;

/** Pattern of the state that resources write in a run: checkpoints, positions, parent rows, logs. `Z-` is part of every run_id. */
export const runStatePattern = (source: string): string => `${STATE_PREFIX}${source}/${ANY}Z-${ANY}/${ANY}`;

/** Key of a source's run record. */
export const runKey = (source: string): string => `state/${source}/run.json`;

/** Key of a resource's incremental state. The config schema forbids a resource named `run`. */
export const incrementalStateKey = (source: string, resource: string): string => `state/${source}/${resource}.json`;

/** Key of a document about a table for other tools, such as its DDL. restlake does not read it. */
export const tableKey = (source: string, table: string, name: string): string => `tables/${source}/${table}/${name}`;

/** Key of a run's report. */
export const reportKey = (source: string, run_id: string): string => `reports/${source}/${run_id}.json`;

/** Key of a run's report as a human-readable page. */
export const reportPageKey = (source: string, run_id: string): string => `reports/${source}/${run_id}.html`;

/** Key of the copy of the newest report, which the next report is compared with. No run_id is `latest`. */
export const latestReportKey = (source: string): string => `reports/${source}/latest.json`;
