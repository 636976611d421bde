import type * as errors from "./index.ts";

/** The names that `lib/errors/index.ts` gives to trouble. */
type ErrorName = Exclude<keyof typeof errors, "RestlakeError">;

const GOES_ON = "then start the machine again, and it goes on where it stopped";

/** What helps, by the error's name. The docstrings of `lib/errors/index.ts` say when each is thrown. */
const NEXT_STEPS: Record<ErrorName, string> = {
  ConfigError: `Correct the config (npm run check tells where it is wrong) and deploy it; ${GOES_ON}.`,
  SecretError: `Put the missing value into the source's secret; ${GOES_ON}.`,
  AuthError: `Put a valid key into the source's secret, or ask the API's owner for access; ${GOES_ON}.`,
  HttpError: "See what the API answered: if it was down, start the machine again; if it refuses, correct the request.",
  ThrottledError:
    "Start the machine again later: it goes on where it stopped. A rate_limit in the config asks less often.",
  TimeoutError:
    "Start the machine again: it goes on where it stopped. If it happens again, ask for smaller pages, or raise request_timeout.",
  ResponseError: `Compare the API's answer with what the config says of it, and correct the config; ${GOES_ON}.`,
  SelectorError: `Correct data_selector to where the rows are in the answer; ${GOES_ON}.`,
  RepeatedPageError:
    "Correct the paginator, or its base_page; then start with new_run, since the position has no meaning any more.",
  SchemaContractError: `Do what the message says, or loosen schema_contract; ${GOES_ON}.`,
  CheckpointError: 'Do what the message says; where it says new_run, start the machine with {"new_run": true}.',
  BudgetTooSmallError: `Give the Lambda a longer timeout, or ask for smaller pages; ${GOES_ON}.`,
  CommitConflictError:
    'Start the machine with {"new_run": true}: somebody changed this run\'s parts, and a retry does not help.',
  ParentError: "See what stopped its parent: with that mended, the next start reads this one too.",
  StorageError: `See that the bucket is there and may be used; ${GOES_ON}.`,
  RunFailedError: "See the resources that failed.",
};

/** Names that are not ours: Step Functions', Lambda's, and the report's own. */
const OTHERS: [RegExp, string][] = [
  [/^NotReached$/, "Start the machine again: this one's turn did not come."],
  [
    /^(States\.Timeout|Sandbox\.Timedout|Runtime\.(ExitError|OutOfMemory))$/,
    "Start the machine again: it goes on where it stopped. If it happens again, give the Lambda more memory or time.",
  ],
  [/^Lambda\./, "Start the machine again: AWS Lambda had trouble of its own."],
];

/** What to do about an error, by its name. */
export const nextStepOf = (name: string): string => {
  if (Object.hasOwn(NEXT_STEPS, name)) return NEXT_STEPS[name as ErrorName];
  const known = OTHERS.find(([pattern]) => pattern.test(name));
  return known?.[1] ?? "See the Lambda's log; then start the machine again: it goes on where it stopped.";
};
