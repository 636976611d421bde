import { formatCount } from "../format.ts";
import type { ResourceReport, RunReport } from "../run-report.ts";
import { type Html, html, isolate } from "./html.ts";

/** Maximum number of failures shown in full: an invalid API key makes all resources of a source fail in the same way. */
const MAX_SHOWN = 30;

/** Whether this execution did not start the resource: it was not selected, or the execution ended before. */
export const isNotStarted = ({ error }: ResourceReport): boolean => error?.name === "NotReached";

const failure = ({ resource, error }: ResourceReport): Html | null =>
  error &&
  html`<li class="card failure">
<h3>${isolate(resource)} <code class="error">${isolate(error.name)}</code></h3>
<p class="message" dir="auto" tabindex="0">${error.message}</p>
<p class="next"><strong>Next:</strong> ${error.next_step}</p>
</li>`;

const notStartedNote = (resources: ResourceReport[]): Html | null =>
  resources.length === 0
    ? null
    : html`<li class="card note"><h3>Not started</h3><p>${resources.map(({ resource }, index) => [index > 0 && ", ", isolate(resource)])}</p><p class="next"><strong>Next:</strong> ${resources[0]?.error?.next_step}</p></li>`;

/**
 * Renders the failures of the run with their causes and next steps; null when there are none. Resources that were not started
 * come last, in one note.
 */
export const failures = ({ resources, status }: RunReport): Html | null => {
  const failed = resources.filter((resource) => resource.status === "failed");
  if (failed.length === 0) return null;
  const notStarted = failed.filter(isNotStarted);
  const others = failed.filter((resource) => !isNotStarted(resource));
  const hidden = others.length - MAX_SHOWN;
  return html`<section aria-labelledby="failures"><h2 id="failures">${status === "failed" ? "Failures" : "Not loaded yet"}</h2>
<ul class="stack">${others.slice(0, MAX_SHOWN).map(failure)}${
    hidden > 0 && html`<li class="card failure">And ${formatCount(hidden, "more resource")}: see the table below.</li>`
  }${notStartedNote(notStarted)}</ul></section>`;
};
