/** Definitions of all commands. `--help`, docs/cli.md and the parsing of arguments use the same ones. */
import { LAMBDA_TIMEOUT } from "../infra/definition.ts";
import type { ArgumentDefinition, CommandDefinition, NumberOption, StringOption } from "./command.ts";
import { DEFAULT_OUT } from "./command.ts";

/** Port of the Lambda API unless `--port` names another one: serverless-offline's default. */
const DEFAULT_LAMBDA_PORT = 3002;

/** Scale of waits for `npm start`: 60 s become 3 s. The sample APIs accept that. */
const DEMO_WAIT_SCALE = 0.05;

/** Bucket name in printed statements until the user gives the real one. */
export const BUCKET_PLACEHOLDER = "<your-bucket>";

const out = {
  type: "string",
  value: "DIR",
  default: DEFAULT_OUT,
  meaning: "folder of the local lake",
} as const satisfies StringOption;

const waitScale = {
  type: "number",
  value: "FACTOR",
  min: 0,
  max: 10,
  meaning: "multiply the waits of the state machine: 0.1 waits a tenth of the time",
} as const;

/** Bounds of a time in seconds: a timer of Node holds at most 24 days. */
const seconds = { type: "number", value: "SECONDS", min: 0.001, max: 1_000_000 } as const;

const source = {
  name: "source",
  count: "one",
  meaning: "name of a file in functions/, or path of a .ts, .js, .json or .yaml config",
} as const satisfies ArgumentDefinition;

/** Options that select what a source loads, and from where. */
const sourceOptions = {
  resource: {
    type: "string",
    value: "NAME",
    multiple: true,
    meaning: "only this resource and its parents",
  },
  "base-url": { type: "string", value: "URL", meaning: "use this base_url instead of the config's" },
  secret: {
    type: "string",
    value: "NAME=VALUE",
    multiple: true,
    meaning:
      "value of a secret; takes precedence over RESTLAKE_SECRET_<SOURCE>_<NAME> and RESTLAKE_SECRET_<NAME> in the environment",
  },
  "request-timeout": {
    ...seconds,
    meaning: "fail a request without a response after this time, instead of the config's request_timeout",
  },
} as const satisfies Record<string, StringOption | NumberOption>;

export const start = {
  name: "start",
  summary:
    "Run sources on this machine as they run in AWS: the compiled state machines invoke every Lambda, with sample APIs and emulators of S3 and Secrets Manager.",
  argument: {
    name: "source",
    count: "many",
    meaning: "name of a source in functions/; all sources with a sample API if none is given",
  },
  options: { out, "wait-scale": { ...waitScale, default: DEMO_WAIT_SCALE } },
  examples: ["", "order_management --wait-scale 1"],
} as const satisfies CommandDefinition;

export const example = {
  name: "example",
  summary: "Run one of the configs in examples/ against a small API on this machine. Without a name, list them.",
  argument: { name: "name", count: "optional", meaning: "name of an example, with or without its extension" },
  options: { out },
  examples: ["", "cursor"],
} as const satisfies CommandDefinition;

export const check = {
  name: "check",
  summary:
    "Validate a source and print its plan: requests, pages, rows, tables and secrets. Without a source, validate all. With --live, request the first pages of every resource. With --lake, verify what is stored instead. Loads nothing.",
  argument: {
    ...source,
    count: "optional",
    meaning: `${source.meaning}; all sources of the project, or of the lake with --lake, if none is given`,
  },
  options: {
    resource: sourceOptions.resource,
    "base-url": sourceOptions["base-url"],
    live: { type: "flag", meaning: "request the first two pages of every resource, and show what the API returns" },
    secret: sourceOptions.secret,
    "request-timeout": sourceOptions["request-timeout"],
    lake: {
      type: "flag",
      meaning: "verify parts against their manifests, commit logs and row counts, instead of requesting anything",
    },
    out: { ...out, meaning: "folder of the local lake, for --lake" },
    bucket: {
      type: "string",
      value: "NAME",
      meaning: "bucket in S3 instead of a local lake, for --lake; with the credentials and region of the AWS CLI",
    },
  },
  examples: ["", "examples/cursor.yaml", "shop.yaml --live --secret api_key=...", "--lake"],
} as const satisfies CommandDefinition;

export const sync = {
  name: "sync",
  summary:
    "Run one source in this process, with the state machine that is deployed. Resumes the source's open run, if it has one.",
  argument: source,
  options: {
    "base-url": sourceOptions["base-url"],
    secret: sourceOptions.secret,
    resource: {
      ...sourceOptions.resource,
      meaning: "only this resource, its parents, and the children of any of them that is incremental",
    },
    out,
    "new-run": { type: "flag", meaning: "abandon the open run and start a new one" },
    refresh: {
      type: "string",
      value: "full",
      choices: ["full"],
      meaning: "load everything again, regardless of the incremental state",
    },
    "window-start": {
      type: "string",
      value: "VALUE",
      meaning: "load only rows from this cursor value on; requires --window-end",
    },
    "window-end": {
      type: "string",
      value: "VALUE",
      meaning: "load only rows before this cursor value; requires --window-start",
    },
    "time-budget": {
      ...seconds,
      default: LAMBDA_TIMEOUT,
      meaning: "time limit of one invocation, as the timeout of a Lambda",
    },
    "request-timeout": sourceOptions["request-timeout"],
    "wait-scale": { ...waitScale, default: 1 },
    json: { type: "flag", meaning: "print each event as a JSON object on its own line; the last one is the summary" },
  },
  examples: ["shop.yaml --secret api_key=...", "shop.yaml --window-start 2026-01-01 --window-end 2026-02-01"],
} as const satisfies CommandDefinition;

export const offline = {
  name: "offline",
  summary: "Keep sample APIs, S3, Secrets Manager and all Lambdas running, to invoke single Lambdas.",
  argument: null,
  options: {
    out,
    port: {
      type: "integer",
      value: "PORT",
      min: 1,
      max: 65_000,
      default: DEFAULT_LAMBDA_PORT,
      meaning: "port of the Lambda API; the ports of the other servers have fixed distances from it",
    },
  },
  examples: ["", "--port 4000"],
} as const satisfies CommandDefinition;

export const query = {
  name: "query",
  summary: "Run a SQL query on the local lake (DuckDB). Without a query, list the tables.",
  argument: { name: "sql", count: "optional", meaning: "one query, in quotes" },
  options: {
    out,
    json: { type: "flag", meaning: "print all rows, each as a JSON object on its own line" },
  },
  examples: ["", '"select * from order_management.orders limit 10"'],
} as const satisfies CommandDefinition;

export const tables = {
  name: "tables",
  summary:
    "Print how query engines read a source's tables in S3: statements for Athena, columns for Glue, or JSON Schemas. Loads and creates nothing.",
  argument: source,
  options: {
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["athena", "glue", "json-schema"],
      default: "athena",
      meaning: "statements for Athena, columns for Glue and Firehose, or the JSON Schema of a row",
    },
    table: { type: "string", value: "NAME", meaning: "only this table" },
    bucket: { type: "string", value: "NAME", default: BUCKET_PLACEHOLDER, meaning: "bucket of the lake, for athena" },
    database: {
      type: "string",
      value: "NAME",
      meaning: "database to create, for athena; the name of the source if not given",
    },
    out: { ...out, meaning: "folder of a local lake; its columns are used if it has the table" },
  },
  examples: ["order_management --bucket my-lake", "order_management --format json-schema --table orders"],
} as const satisfies CommandDefinition;

export const report = {
  name: "report",
  summary:
    "Write a page that lists all runs of the local lake and links to their reports. Open it if there is a display.",
  argument: null,
  options: {
    out,
    "no-open": { type: "flag", meaning: "only write the page and print its path" },
  },
  examples: ["", "--no-open"],
} as const satisfies CommandDefinition;

const stackOptions = {
  stage: { type: "string", value: "NAME", default: "dev", meaning: "stage, such as prod" },
  region: { type: "string", value: "NAME", meaning: "AWS region, instead of that of serverless.yml" },
  param: {
    type: "string",
    value: "NAME=VALUE",
    multiple: true,
    meaning: "value of ${param:NAME} in serverless.yml",
  },
} as const;

export const packageStack = {
  name: "package",
  summary: "Compile the stack into .serverless/, to review it: a CloudFormation template, and a zip for each source.",
  argument: null,
  options: {
    ...stackOptions,
    package: { type: "string", value: "DIR", meaning: "folder to write into instead of .serverless/" },
  },
  examples: ["", "--stage prod"],
} as const satisfies CommandDefinition;

export const deploy = {
  name: "deploy",
  summary:
    "Deploy the stack with the credentials of the AWS CLI: Lambdas, state machines, schedules, secrets and the lake.",
  argument: null,
  options: {
    ...stackOptions,
    package: { type: "string", value: "DIR", meaning: "folder that the command package has written" },
  },
  examples: ["--stage prod", "--stage prod --param schedules=off"],
} as const satisfies CommandDefinition;

export const remove = {
  name: "remove",
  summary: "Remove the stack. The lake and the secrets stay.",
  argument: null,
  options: { stage: stackOptions.stage, region: stackOptions.region, param: stackOptions.param },
  examples: ["--stage dev"],
} as const satisfies CommandDefinition;

export const init = {
  name: "init",
  summary:
    "Write a project with one source: its file, serverless.yml, package.json, README and a CI workflow. Existing files are unchanged. In a terminal, the command prompts for missing options.",
  argument: { name: "folder", count: "optional", meaning: "folder of the project; the current one if not given" },
  options: {
    name: { type: "string", value: "NAME", meaning: "name of the source, such as shop" },
    "base-url": { type: "string", value: "URL", meaning: "base URL of the API" },
    path: { type: "string", value: "PATH", meaning: "path of a list of rows, such as users" },
    auth: {
      type: "string",
      value: "KIND",
      choices: ["none", "bearer", "api_key", "basic"],
      default: "none",
      meaning: "how the API receives the key",
    },
    format: {
      type: "string",
      value: "FORMAT",
      choices: ["ts", "yaml"],
      default: "ts",
      meaning: "format of the source's file",
    },
    region: { type: "string", value: "NAME", default: "us-east-1", meaning: "AWS region of the stack" },
    "no-workflow": { type: "flag", meaning: "write no CI workflow" },
  },
  examples: ["my-lake", "my-lake --name shop --auth bearer --format yaml"],
} as const satisfies CommandDefinition;
