import { earlierRun, interval, resourceReport, runReport } from "./report.fixture.ts";

/** Strings that inject markup, or break the layout, unless they are escaped. */
export const HOSTILE = [
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "' onload='alert(1)",
  "</style><script>alert(1)</script>",
  "</title></head><h1>mine</h1>",
  "&lt;b&gt; &amp; \u202e\u2066 שלום `x` ${x}",
  `${"very ".repeat(3000)}long`,
  "\u0000\u0007\ud800\uffff",
];

/** Returns a report that has this string in every place where a report can have one. */
export const hostile = (text: string) => {
  const past = earlierRun(1, { run_id: text, window: { start: text, end: text }, resources: {} });
  const known = earlierRun(2, { run_id: text, resources: { [text]: { rows: 5, bytes: 5, full_refresh: true } } });
  const status = "failed" as const;
  return runReport({
    source: text,
    run_id: text,
    status,
    closed: false,
    window: { start: text, end: text },
    empty_resources: [text],
    resources: [
      resourceReport(text, { table: `${text} table`, discarded_rows: 1, rows: 0 }),
      resourceReport(text, { status, bytes: null, error: { name: text, message: text, next_step: text } }),
      resourceReport(text, { status, error: { name: "NotReached", message: text, next_step: text } }),
      resourceReport("plain", { timeline: [interval(1, 2), interval(5, 9, { status: "failed" })] }),
    ],
    schema_changes: [
      {
        table: text,
        version: 2,
        changed_at: "2026-11-20T03:00:01Z",
        added: [{ name: text, data_type: text }],
        changed: [{ name: text, from: text, to: text }],
        more: 3,
      },
    ],
    earlier: [past, known],
  });
};
