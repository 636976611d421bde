import type * as errors from "./index.ts";

type ErrorName = Exclude<keyof typeof errors, "RestlakeError">;

interface Explanation {
  /** When the error is thrown. */
  meaning: string;
  /** Advice for the user. */
  next_step: string;
}

/** One row of the error reference. */
export interface ErrorEntry extends Explanation {
  name: string;
}

const START_AGAIN = "start the state machine again. It resumes where it stopped";
const THEN_START_AGAIN = `Then ${START_AGAIN}.`;
/** After a change of the config. The position depends on the request and the paginator. */
const THEN_START_CHANGED =
  'Then start the state machine again. It resumes where it stopped. If the change needs a new run, a CheckpointError names it: start with {"new_run": true}.';
const RESUMES = "Start the state machine again. It resumes where it stopped.";

const EXPLANATIONS: Record<ErrorName, Explanation> = {
  ConfigError: {
    meaning: "The config, the event or a command-line argument is invalid. A retry fails the same way.",
    next_step: `Correct the config (the check command shows what is wrong) and deploy it. ${THEN_START_CHANGED}`,
  },
  SecretError: {
    meaning: "The source's secret is missing, empty or unreadable, or has no such field.",
    next_step: `Put the missing value into the source's secret. ${THEN_START_AGAIN}`,
  },
  AuthError: {
    meaning:
      "The API rejected the credentials (401 or 403), also with the secret's current value, or the token server, the login or the auth function rejected them. The message quotes the response. A 403 that limits the rate is retried instead.",
    next_step: `Put a valid key into the source's secret, or request access from the API's owner. ${THEN_START_AGAIN}`,
  },
  HttpError: {
    meaning:
      "The API returned an error status that is not retried, or still returned it after the last retry. Or the API could not be reached.",
    next_step: `Read the API's response in the message. If the API was down, ${START_AGAIN}. If it rejects the request, correct the config. ${THEN_START_CHANGED}`,
  },
  ThrottledError: {
    meaning:
      "The API still limited the rate (429, or a 403 that means the same) after max_retries retries without a commit, or demanded a wait longer than max_wait.",
    next_step: `Wait, then ${START_AGAIN}. To send fewer requests, set rate_limit.`,
  },
  TimeoutError: {
    meaning: "The API did not respond within request_timeout, in any of the retries.",
    next_step: `${RESUMES} If that does not help, raise request_timeout or request smaller pages. ${THEN_START_CHANGED}`,
  },
  ResponseError: {
    meaning:
      "The API responded, but with content that cannot be used: for example no JSON, an error inside a 200, a body that is too large, or a link to another host.",
    next_step: `Compare the API's response with the config, and correct the config. ${THEN_START_CHANGED}`,
  },
  SelectorError: {
    meaning: "The response has nothing at data_selector.",
    next_step: `Set data_selector to the path of the rows in the response. ${THEN_START_AGAIN}`,
  },
  IncompleteError: {
    meaning: "The API says that it has more rows than the config can read.",
    next_step: `Follow the message: write the paginator, selector or setting that it names. ${THEN_START_CHANGED}`,
  },
  RepeatedPageError: {
    meaning:
      "A page equals the page before it, or its cursor or link leads back to an earlier page (a pagination loop).",
    next_step:
      'Correct the paginator or its base_page. Then start the state machine with {"new_run": true}, because the stored position is no longer valid.',
  },
  SchemaContractError: {
    meaning:
      "A row has null in a column with nullable: false, or needs a change of the table that schema_contract forbids.",
    next_step: `Follow the message, or relax schema_contract. ${THEN_START_AGAIN}`,
  },
  CheckpointError: {
    meaning: "The stored state of the run is corrupt, or no longer matches the config.",
    next_step: 'Follow the message. Where it says new_run, start the state machine with {"new_run": true}.',
  },
  BudgetTooSmallError: {
    meaning: "Not even one page could be read before the Lambda's time was up.",
    next_step: `Raise the Lambda's timeout, or request smaller pages. ${THEN_START_CHANGED}`,
  },
  CommitConflictError: {
    meaning:
      "The parts of the run do not form a chain: someone changed or deleted objects of the commit log. A retry fails the same way.",
    next_step: 'Start the state machine with {"new_run": true}.',
  },
  ParentError: {
    meaning: "The parent resource is not complete in this run, so its children cannot be read.",
    next_step: "Fix what stopped the parent. The next start then reads this resource too.",
  },
  StorageError: {
    meaning:
      "The bucket cannot be used: it does not exist, access is denied, or S3 still fails after the SDK's retries.",
    next_step: `Check that the bucket exists and that the Lambda's role may use it. ${THEN_START_AGAIN}`,
  },
  RunFailedError: {
    meaning: "Some resources of the run failed. The others are complete, and visible in their tables.",
    next_step: "Read the errors of the failed resources.",
  },
};

/** Advice for a resource that failed in a run that was abandoned: no start resumes it. */
export const ABANDONED_NEXT_STEP =
  "A new run has replaced this one. If the resource failed there as well, read its next step in the report of that run.";

/** Every error class of restlake, with its meaning and next step. Meaning and next step are plain text. */
export const ERRORS: ErrorEntry[] = Object.entries(EXPLANATIONS).map(([name, entry]) => ({ name, ...entry }));

/** Errors that reports show and restlake does not throw. `pattern` matches the name that Step Functions or Lambda gives. */
export const OTHER_ERRORS: (ErrorEntry & { pattern: RegExp })[] = [
  {
    name: "NotReached",
    pattern: /^NotReached$/,
    meaning: "The execution ended before this resource was started.",
    next_step: "Start the state machine again.",
  },
  {
    name: "States.Timeout, Sandbox.Timedout, Runtime.ExitError, Runtime.OutOfMemory",
    pattern: /^(States\.Timeout|Sandbox\.Timedout|Runtime\.(ExitError|OutOfMemory))$/,
    meaning: "The Lambda ran out of time or memory, or its process died.",
    next_step: `${RESUMES} If that does not help, give the Lambda more memory or a longer timeout.`,
  },
  {
    name: "Lambda.*",
    pattern: /^Lambda\./,
    meaning: "AWS Lambda failed to run the function, also after retries.",
    next_step: RESUMES,
  },
];

/** Errors that need a new run. Of the others, only some CheckpointErrors do, and name it. */
const NEW_RUN_ERRORS: ReadonlySet<string> = new Set<ErrorName>(["RepeatedPageError", "CommitConflictError"]);

/** Whether a run with this error is not resumed once the cause is corrected, but replaced by a new run. */
export const needsNewRun = ({ name, message }: { name: string; message: string }): boolean =>
  NEW_RUN_ERRORS.has(name) || (name === "CheckpointError" && message.includes("start with new_run"));

const UNKNOWN_NEXT_STEP = `Read the Lambda's log. ${THEN_START_AGAIN}`;

/** Returns what to do about an error, given its name. */
export const nextStepOf = (name: string): string =>
  ERRORS.find((entry) => entry.name === name)?.next_step ??
  OTHER_ERRORS.find(({ pattern }) => pattern.test(name))?.next_step ??
  UNKNOWN_NEXT_STEP;
