import { COMPLETENESS_GUARDS } from "./completeness-guards.ts";
import { INCREMENTAL_GUARDS } from "./incremental-guards.ts";
import { RESPONSE_GUARDS } from "./response-guards.ts";
import { SECRET_GUARDS } from "./secret-guards.ts";
import { TYPE_GUARDS } from "./type-guards.ts";

/** A guard in the source, how to remove it, and the test that must then fail. */
export interface Guard {
  guard: string;
  file: string;
  /** Source text of the guard, which the file must contain exactly once. */
  find: string;
  replace: string;
  test: { file: string; title: string };
}

const CRASH_AFTER = "a crash after any side effect of a run loses and duplicates no row";
const TWO_WORKERS = "two workers on one log lose and duplicate no row, in any order of responses";
const DAILY_RUNS = "many daily runs with failures and crashes miss no order and no return";

/** Guards in the source, each removed separately. */
export const GUARDS: Guard[] = [
  {
    guard: "the condition on the PUT of a part",
    file: "lib/lake/put-once.ts",
    find: 'condition: { if_none_match: "*" }',
    replace: "condition: undefined",
    test: { file: "test/reliability/two-workers.test.ts", title: TWO_WORKERS },
  },
  {
    guard: "a part of another writer is adopted",
    file: "lib/lake/commit-log.ts",
    find: "if (existing?.writer !== writer || existing.end.sha256 !== hash) return false;",
    replace: "",
    test: { file: "test/reliability/two-workers.test.ts", title: TWO_WORKERS },
  },
  {
    guard: "adoption discards what is in memory",
    file: "lib/lake/commit-log.ts",
    find: "throw new Adopted();",
    replace: "return;",
    test: {
      file: "test/reliability/two-workers.test.ts",
      title: "two workers with different part sizes, as during a deploy, lose and duplicate no row",
    },
  },
  {
    guard: "a part whose response was lost is recognized by its writer",
    file: "lib/lake/commit-log.ts",
    find: "if (existing?.writer !== writer || existing.end.sha256 !== hash) return false;",
    replace: "return false;",
    test: {
      file: "test/lake/commit-log.test.ts",
      title: "is recognized by its writer: one part, no adoption, and the log continues",
    },
  },
  {
    guard: "the roll-forward over parts beyond the checkpoint",
    file: "lib/lake/commit-log.ts",
    find: "return rollForward(ports, address, known.end);",
    replace: "return known.end;",
    test: {
      file: "test/lake/checkpoint.test.ts",
      title: "when parts follow its checkpoint: it rolls forward, and those commits reset the retries",
    },
  },
  {
    guard: "a checkpoint that does not match the log is not used",
    file: "lib/lake/commit-log.ts",
    find: "if (known !== null && known.end.sha256 === hash)",
    replace: "if (known !== null)",
    test: { file: "test/lake/checkpoint.test.ts", title: "when its checkpoint belongs to another log, with a warning" },
  },
  {
    guard: "the chain of hashes",
    file: "lib/lake/commit-log.ts",
    find: "if (next.previous !== end.sha256) {",
    replace: "if (false) {",
    test: { file: "test/lake/checkpoint.test.ts", title: "caused by a replaced part is detected at the part after it" },
  },
  {
    guard: "the final mark ends the log",
    file: "lib/lake/stored-part.ts",
    find: 'final: metadata.final === "true"',
    replace: "final: false",
    test: {
      file: "test/extract/extract.test.ts",
      title: "that finds a complete log without a manifest writes the manifest without a request",
    },
  },
  {
    guard: "the config hash",
    file: "lib/lake/commit-log.ts",
    find: "if (end.position.config_hash !== first.config_hash) {",
    replace: "if (false) {",
    test: {
      file: "test/lake/position.test.ts",
      title: "is a CheckpointError that names new_run, once a part is written",
    },
  },
  {
    guard: "loading resumes at the end of the log",
    file: "lib/extract/load-pages.ts",
    find: "const start = log.end.position;",
    replace:
      "const start = { ...log.end.position, page: null, parent: log.end.position.parent && { part: 1, row: 0 } };",
    test: { file: "test/reliability/crash-points.test.ts", title: CRASH_AFTER },
  },
  {
    guard: "incremental state waits for the descendants",
    file: "lib/run/finish-run.ts",
    find: "if (!dependants.every((child) => isDone(child.name))) continue;",
    replace: "",
    test: { file: "test/reliability/daily-runs.test.ts", title: DAILY_RUNS },
  },
  {
    guard: "an old run that made progress in this execution is not abandoned",
    file: "lib/run/verdict.ts",
    find: "committed_at ?? 0) <",
    replace: "committed_at ?? 0) >=",
    test: { file: "test/run/finish.test.ts", title: "keeps an old run that made progress in this execution" },
  },
  {
    guard: "hashes of rows at the last value that do not fit into the cursor are stored",
    file: "lib/lake/row-hashes.ts",
    find: "return { ...cursor, hashes: [], hash_lists: await add(cursor.hash_lists ?? [], cursor.hashes) };",
    replace: "return { ...cursor, hashes: cursor.hashes.slice(0, MAX_INLINE_HASHES) };",
    test: {
      file: "test/field/incremental.test.ts",
      title: "loads none of them again in later runs, and each new row once",
    },
  },
  {
    guard: "an older run does not move incremental state",
    file: "lib/lake/incremental-state.ts",
    find: "current.run_id > run_id",
    replace: "false",
    test: {
      file: "test/lake/incremental-state.test.ts",
      title: "when an older run finishes later, even with a later cursor",
    },
  },
  {
    guard: "the lease of another execution",
    file: "lib/lake/run-record.ts",
    find: "run.lease.owner !== owner",
    replace: "run.lease.owner === owner",
    test: { file: "test/run/join.test.ts", title: "is skipped with the owner and the expiry, and changes nothing" },
  },
  {
    guard: "the repeated-page check",
    file: "lib/extract/page-reading.ts",
    find: "const isRepeated = hash !== null && hash === previous_page;",
    replace: "const isRepeated = hash === undefined;",
    test: {
      file: "test/reliability/hostile-api.test.ts",
      title: "a page that repeats later in the run is a RepeatedPageError",
    },
  },
  {
    guard: "the redaction of rows",
    file: "lib/extract/page-reading.ts",
    find: "const isClean = !redactor.isIn(text);",
    replace: "const isClean = true;",
    test: {
      file: "test/reliability/hostile-api.test.ts",
      title: "a key that the API echoes in rows, links and errors is masked wherever it is stored",
    },
  },
  {
    guard: "the origin check on redirects",
    file: "lib/http/origin.ts",
    find: "if (url.origin !== base.origin) {",
    replace: "if (false) {",
    test: {
      file: "test/reliability/hostile-api.test.ts",
      title: "a redirect to another origin is rejected, and the other origin receives no request",
    },
  },
  {
    guard: "the cap on decompressed bytes",
    file: "lib/http/body.ts",
    find: "if (size > maximum) throw tooLarge(maximum);",
    replace: "",
    test: {
      file: "test/reliability/hostile-api.test.ts",
      title: "a small gzip that expands beyond the limit is stopped during decompression",
    },
  },
  {
    guard: "compare-and-swap writes only over what it read",
    file: "lib/lake/compare-and-swap.ts",
    find: "{ if_match: object.etag }",
    replace: "undefined",
    test: {
      file: "test/lake/compare-and-swap.test.ts",
      title: "8 concurrent writers lose no update, on a new key and on an existing one",
    },
  },
  {
    guard: "a child waits for its parent's manifest",
    file: "lib/extract/parents.ts",
    find: "if (manifest !== null) return",
    replace: "if (manifest !== undefined) return",
    test: {
      file: "test/run/handlers.test.ts",
      title: "a child without its parent's manifest is a ParentError that names both",
    },
  },
  {
    guard: "a wait over max_wait fails immediately",
    file: "lib/http/wait.ts",
    find: "if (seconds > limits.max_wait) {",
    replace: "if (false) {",
    test: { file: "test/http/retry.test.ts", title: "over max_wait is a ThrottledError without retries" },
  },
  {
    guard: "max_retries bounds the attempts over all invocations",
    file: "lib/http/retry.ts",
    find: "if (used >= handler.max_retries) throw result.error(used);",
    replace: "",
    test: {
      file: "test/http/retry.test.ts",
      title: "reports the attempts, which the next invocation counts until max_retries",
    },
  },
  {
    guard: "min_retry_after is the minimum wait",
    file: "lib/http/retry-timing.ts",
    find: "Math.max(handler.min_retry_after, ",
    replace: "Math.max(",
    test: {
      file: "test/http/retry.test.ts",
      title: "is at least min_retry_after after a response, but not after a broken connection",
    },
  },
  {
    guard: "the secret is reloaded after a 401",
    file: "lib/http/authorized-request.ts",
    find: "!isRefused || attempt.isPrefetch || !isRenewable(auth, request)",
    replace: "true",
    test: {
      file: "test/http/auth.test.ts",
      title: "after 401 the secret is reloaded once, and the rotated key is accepted",
    },
  },
  {
    guard: "rate_limit holds a request back",
    file: "lib/http/rate-limit.ts",
    find: "if (delay(reserved) > 0) return false;",
    replace: "",
    test: {
      file: "test/http/rate-limit.test.ts",
      title: "never admits more than `requests` within any `per` seconds, over random arrivals and invocations",
    },
  },
  {
    guard: "secrets are removed from a link",
    file: "lib/extract/next-position.ts",
    find: "Object.hasOwn(secret_params, name) || name === keyParam || redactor.isIn(value)",
    replace: "false",
    test: { file: "test/http/secret-places.test.ts", title: "a secret in a link is removed under any parameter name" },
  },
  {
    guard: "a total does not end pagination where pages may be numbered from 1",
    file: "lib/extract/page-reading.ts",
    find: "decided: withoutTotal(decided)",
    replace: "decided: { paginator: decided.paginator }",
    test: {
      file: "test/configs/auto.test.ts",
      title:
        "a count of pages without a page number, from 1, loses no page if the first page changes between two requests",
    },
  },
  {
    guard: "two keys with the same column name have separate columns",
    file: "lib/rows/column-naming.ts",
    find: "else if (owner !== key) name = contestedName(path);",
    replace: "",
    test: {
      file: "test/configs/unusual-rows.test.ts",
      title: "keys with the same name in snake_case keep separate columns, in any order",
    },
  },
  {
    guard: "a null in a column that is not nullable is an error",
    file: "lib/rows/cells.ts",
    find: "if (isRequired && text === null) throw nullError(schema.columns, column.name, row, index);",
    replace: "",
    test: {
      file: "test/configs/rows.test.ts",
      title: "of the primary key may not be null or missing, as in dlt, and the error names the row",
    },
  },
  {
    guard: "a replace shows only the newest run",
    file: "lib/tables/sql.ts",
    find: 'replace: "max(run_id) OVER (PARTITION BY owner)"',
    replace: "replace: \"''\"",
    test: {
      file: "test/tables/view.test.ts",
      title: "shows all finished runs for append, the newest run for replace, and the latest row per key for merge",
    },
  },
  {
    guard: "a merge shows the latest row of a key, and no deleted rows",
    file: "lib/tables/sql.ts",
    find: "if (!table.insert_only && visible !== null) conditions.push(visible);",
    replace: "",
    test: {
      file: "test/tables/view.test.ts",
      title: "hard_delete removes a row and the earlier rows of its key, until the key returns",
    },
  },
  {
    guard: "a merge keeps rows that a run did not see, unless the config or the start says otherwise",
    file: "lib/extract/extract.ts",
    find: '(run.refresh === "full" || resource.on_missing_rows === "delete")',
    replace: "true",
    test: {
      file: "test/field/tables.test.ts",
      title: "rows that the API no longer lists stay, over a moving window of three runs and an empty response",
    },
  },
  {
    guard: "rows with null in their key are merged with no other row",
    file: "lib/tables/sql.ts",
    find: "`(${RANK} = 1 OR ${anyNull(key)})`",
    replace: "`${RANK} = 1`",
    test: {
      file: "test/field/tables.test.ts",
      title: "rows whose key may be null and is null are all loaded and merged with no other row",
    },
  },
  {
    guard: "a row that Athena cannot read is an error",
    file: "lib/parts/json.ts",
    find: "      checkLength(line, columns, cells);\n",
    replace: "",
    test: {
      file: "test/configs/unusual-rows.test.ts",
      title: "a row of more than 32 MB, which Athena cannot read, is an error with its key",
    },
  },
  {
    guard: "a Retry-After of one response holds back all requests",
    file: "lib/http/throttle.ts",
    find: "return Math.max(pausedUntil - clock.now(), delay",
    replace: "return Math.max(0, delay",
    test: {
      file: "test/extract/prefetched-pages.test.ts",
      title: "receives no request until the Retry-After of one response has passed, and then all pages in order",
    },
  },
  {
    guard: "at most one PUT is in flight",
    file: "lib/parts/background-commits.ts",
    find: "      await inFlight;\n      inFlight",
    replace: "      inFlight",
    test: {
      file: "test/extract/background-commits.test.ts",
      title: "does not stop reading: a second part is filled after it, and no third one",
    },
  },
  {
    guard: "a stopped invocation waits for the part in flight",
    file: "lib/extract/load-pages.ts",
    find: 'await parts.commit(position, isLast ? "final" : "cut");\n  await parts.settle();',
    replace: 'await parts.commit(position, isLast ? "final" : "cut");',
    test: {
      file: "test/extract/background-commits.test.ts",
      title: "is committed before an invocation that is stopped returns its outcome",
    },
  },
  {
    guard: "lines wait until earlier lines are compressed",
    file: "lib/parts/json.ts",
    find: "      await compressed;\n",
    replace: "",
    test: {
      file: "test/parts/json.test.ts",
      title: "lines wait until the lines before them are compressed, so that memory does not grow with the rows",
    },
  },
  {
    guard: "large responses are not prefetched",
    file: "lib/extract/prefetch.ts",
    find: " && (waiting.size + 1) * largest <= MAX_PREFETCHED_BYTES",
    replace: "",
    test: {
      file: "test/extract/prefetch.test.ts",
      title: "are as many as fit into 16 MiB, each as large as the largest response so far, prefetched or not",
    },
  },
  {
    guard: "JSON Lines that end too early are not a page",
    file: "lib/http/parse-body.ts",
    find: "if (error instanceof BrokenBodyError && index === lines.length - 1) throw error;",
    replace: "if (error instanceof BrokenBodyError && index === lines.length - 1) return null;",
    test: { file: "test/field/bodies.test.ts", title: "of which the last is incomplete are retried" },
  },
  {
    guard: "a query keeps what was written",
    file: "lib/http/query.ts",
    find: 'url.search = pairs.join("&");',
    replace: 'url.search = new URLSearchParams(pairs.join("&")).toString();',
    test: {
      file: "test/field/requests.test.ts",
      title: "keeps every byte that the config wrote, whatever is added",
    },
  },
  {
    guard: "rows in the config replace those of earlier runs",
    file: "lib/config/defaults.ts",
    find: 'STATIC_WRITE_DISPOSITION = "replace"',
    replace: 'STATIC_WRITE_DISPOSITION = "append"',
    test: { file: "test/field/static-rows.test.ts", title: "has the rows once, and follows the config" },
  },
  ...RESPONSE_GUARDS,
  ...COMPLETENESS_GUARDS,
  ...INCREMENTAL_GUARDS,
  ...SECRET_GUARDS,
  ...TYPE_GUARDS,
];
