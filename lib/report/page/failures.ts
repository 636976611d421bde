import { formatCount } from "../format.ts";
import type { ResourceReport, RunReport } from "../run-report.ts";
import { foreign, type Html, html } from "./html.ts";

/** Failures that are told in full; a source whose key is wrong fails everywhere in the same way. */
const MOST_TOLD = 30;

const isUntouched = ({ error }: ResourceReport): boolean => error?.name === "NotReached";

const failure = ({ resource, error }: ResourceReport): Html | null =>
  error &&
  html`<li class="card failure">
<h3>${foreign(resource)} <code class="error">${foreign(error.name)}</code></h3>
<p class="message" dir="auto" tabindex="0">${error.message}</p>
<p class="next"><strong>Next:</strong> ${error.next_step}</p>
</li>`;

/** What failed, why, and what to do; null when nothing did. What was not tried comes last, in one line. */
export const failures = ({ resources, status }: RunReport): Html | null => {
  const failed = resources.filter((resource) => resource.status === "failed");
  const told = failed.filter((resource) => !isUntouched(resource));
  const untouched = failed.filter(isUntouched);
  if (failed.length === 0) return null;
  return html`<section aria-labelledby="failures"><h2 id="failures">${status === "failed" ? "What failed" : "Still to come"}</h2>
<ul class="stack">${told.slice(0, MOST_TOLD).map(failure)}${
    told.length > MOST_TOLD &&
    html`<li class="card failure">And ${formatCount(told.length - MOST_TOLD, "more resource")}: see the table below.</li>`
  }${
    untouched.length > 0 &&
    html`<li class="card note"><h3>Not tried</h3><p>${untouched.map(({ resource }, index) => [index > 0 && ", ", foreign(resource)])}</p><p class="next"><strong>Next:</strong> ${untouched[0]?.error?.next_step}</p></li>`
  }</ul></section>`;
};
