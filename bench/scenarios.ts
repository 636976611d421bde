import { bundleSubjects } from "./bundles.ts";
import type { Sample } from "./load.ts";
import { nodeOf, runSubject } from "./processes.ts";
import type { Python } from "./python.ts";
import { ratiosOf, type Spread, spreadOf } from "./statistics.ts";
import { dlt, floor, interleaved, restlake, type Subject, type Task, workFolder } from "./subjects.ts";

/** A figure that a scenario is about, and what it should be. */
export interface Figure extends Spread {
  label: string;
  /** A ratio, or MB of 10^6 bytes. */
  unit: "x" | "MB";
  /** Null: told, not judged. */
  target: { at_least: number } | { at_most: number } | null;
  /** Whether the median is as it should be; null without a target. */
  reached: boolean | null;
}

/** What one subject took in all rounds. */
export interface Measured {
  subject: string;
  wall_ms: Spread;
  /** Null where it was not measured. */
  cpu_ms: Spread | null;
  peak_mb: Spread | null;
}

/** What came of a scenario. */
export interface Result {
  number: number;
  title: string;
  /** What is loaded, and what a ratio means. */
  about: string;
  subjects: Measured[];
  figures: Figure[];
}

/** What scenarios are run with. */
export interface Setting {
  api: string;
  python: Python | null;
  rounds: number;
  /** A tenth of the rows. */
  quick: boolean;
}

/** A scenario by its number. */
export interface Scenario {
  number: number;
  run(setting: Setting): Promise<Result>;
}

type Target = { at_least: number } | { at_most: number };

const figure = (label: string, unit: Figure["unit"], spread: Spread, target: Target | null = null): Figure => {
  const isReached = (goal: Target) =>
    "at_least" in goal ? spread.median >= goal.at_least : spread.median <= goal.at_most;
  return { label, unit, ...spread, target, reached: target === null ? null : isReached(target) };
};

type Samples = Record<string, Sample[]>;

const measure = (rounds: number, subjects: Record<string, Subject | null>): Promise<Samples> => {
  const present = Object.entries(subjects).filter((entry): entry is [string, Subject] => entry[1] !== null);
  return interleaved(rounds, Object.fromEntries(present), (name, { wall_ms, cpu_ms, peak_mb }) =>
    console.log(
      `  ${name}: ${(wall_ms / 1000).toFixed(2)} s, CPU ${(cpu_ms / 1000).toFixed(2)} s, ${peak_mb.toFixed(0)} MB`,
    ),
  );
};

const of = (samples: Samples, subject: string, key: keyof Sample): number[] =>
  (samples[subject] ?? []).map((sample) => sample[key]);

const measured = (samples: Samples): Measured[] =>
  Object.keys(samples).map((subject) => ({
    subject,
    wall_ms: spreadOf(of(samples, subject, "wall_ms")),
    cpu_ms: spreadOf(of(samples, subject, "cpu_ms")),
    peak_mb: spreadOf(of(samples, subject, "peak_mb")),
  }));

/** How many times as fast as another one restlake is; nothing when the other one was not there. */
const speed = (samples: Samples, other: string, one = "restlake", target: Target | null = null): Figure[] =>
  samples[other] === undefined
    ? []
    : [figure(`${other} / ${one}`, "x", ratiosOf(of(samples, other, "wall_ms"), of(samples, one, "wall_ms")), target)];

const cpu = (samples: Samples, other: string): Figure[] =>
  samples[other] === undefined
    ? []
    : [
        figure(
          `${other} / restlake, CPU`,
          "x",
          ratiosOf(of(samples, other, "cpu_ms"), of(samples, "restlake", "cpu_ms")),
        ),
      ];

const cpuBound: Scenario["run"] = async ({ api, python, rounds, quick }) => {
  const task: Task = { api, kind: "rows", count: quick ? 30 : 300, rows: 1000, latency: 0 };
  const samples = await measure(rounds, {
    restlake: restlake(task),
    floor: floor(task),
    dlt: python && dlt(python, task),
    "restlake, one request at a time": restlake({ ...task, max_concurrency: 1 }),
    "restlake, Parquet": restlake({ ...task, file_format: "parquet" }),
  });
  return {
    number: 1,
    title: "CPU",
    about: `${task.count} pages of 1,000 rows, an API that answers at once. A ratio is wall time by wall time: above 1, restlake is faster.`,
    subjects: measured(samples),
    figures: [
      ...speed(samples, "floor", "restlake", { at_least: 0.7 }),
      ...speed(samples, "dlt", "restlake", { at_least: 8 }),
      ...speed(samples, "dlt", "floor"),
      ...speed(samples, "floor", "restlake, one request at a time"),
      ...speed(samples, "floor", "restlake, Parquet"),
      ...cpu(samples, "floor"),
      ...cpu(samples, "dlt"),
    ],
  };
};

const latencyBound: Scenario["run"] = async ({ api, python, rounds, quick }) => {
  const task: Task = { api, kind: "rows", count: quick ? 30 : 300, rows: 10, latency: 100 };
  const samples = await measure(rounds, {
    restlake: restlake(task),
    dlt: python && dlt(python, task),
    "restlake, one request at a time": restlake({ ...task, max_concurrency: 1 }),
  });
  return {
    number: 2,
    title: "Waiting",
    about: `${task.count} pages of 10 rows, 100 ms each. A ratio is wall time by wall time: above 1, restlake is faster.`,
    subjects: measured(samples),
    figures: [
      ...speed(samples, "dlt", "restlake", { at_least: 3.5 }),
      ...speed(samples, "dlt", "restlake, one request at a time"),
      ...speed(samples, "restlake, one request at a time"),
    ],
  };
};

const children: Scenario["run"] = async ({ api, python, rounds, quick }) => {
  const task: Task = { api, kind: "parents", count: quick ? 20 : 200, rows: 10, latency: 20 };
  const parallel: Task = { ...task, parallelized: true };
  const samples = await measure(rounds, {
    restlake: restlake(parallel),
    dlt: python && dlt(python, task),
    "dlt, parallelized": python && dlt(python, parallel),
  });
  return {
    number: 3,
    title: "Children",
    about: `${task.count} parents on one page, and for each a page of 10 rows, 20 ms each; \`parallelized\` in restlake, where four requests are on their way at once, in dlt without it, and with it (five threads). A ratio is wall time by wall time: above 1, restlake is faster.`,
    subjects: measured(samples),
    figures: [...speed(samples, "dlt", "restlake", { at_least: 3 }), ...speed(samples, "dlt, parallelized")],
  };
};

const SIZES = [10, 100, 1000];
const nameOf = (rows: number): string => `restlake, ${rows.toLocaleString("en-US")} rows`;

/** Memory and growth are about the same loads: what one has measured, the other one takes. */
let sized: Promise<{ sizes: number[]; samples: Samples }> | undefined;
const measureSizes = ({ api, rounds, quick }: Setting) => {
  sized ??= (async () => {
    const pages = SIZES.map((count) => (quick ? count / 10 : count));
    const sizes = pages.map((count) => count * 1000);
    const subjects = pages.map((count, index): [string, Subject] => [
      nameOf(sizes[index] ?? 0),
      restlake({ api, kind: "rows", count, rows: 1000, latency: 0 }),
    ]);
    return { sizes, samples: await measure(rounds, Object.fromEntries(subjects)) };
  })();
  return sized;
};

const memory: Scenario["run"] = async (setting) => {
  const { sizes, samples } = await measureSizes(setting);
  const few = of(samples, nameOf(sizes.at(0) ?? 0), "peak_mb");
  const many = of(samples, nameOf(sizes.at(-1) ?? 0), "peak_mb");
  return {
    number: 4,
    title: "Memory",
    about:
      "The greatest resident set of restlake's process, with the environment of a Lambda of 512 MB. The ratio is that of most rows by that of fewest.",
    subjects: measured(samples),
    figures: [
      figure("most rows / fewest rows", "x", ratiosOf(many, few), { at_most: 1.25 }),
      figure("of most rows", "MB", spreadOf(many), { at_most: 200 }),
      figure("of fewest rows", "MB", spreadOf(few)),
    ],
  };
};

const IMPORTS = 15;

const bundles: Scenario["run"] = async ({ quick }) => {
  using folder = workFolder();
  const { subjects, size_mb } = await bundleSubjects(folder.path);
  const times = await interleaved(quick ? 3 : IMPORTS, subjects);
  const source = times.source ?? [];
  const bare = times.bare ?? [];
  return {
    number: 5,
    title: "Bundle",
    about: `Minified as it is deployed: the module of a source's Lambdas, and one with the two clients of the SDK that it uses and nothing else. Wall time is what the import takes in a fresh process (${quick ? 3 : IMPORTS} of each).`,
    subjects: Object.entries(times).map(([subject, values]) => ({
      subject,
      wall_ms: spreadOf(values),
      cpu_ms: null,
      peak_mb: null,
    })),
    figures: [
      figure("source / bare, import", "x", ratiosOf(source, bare), { at_most: 1.3 }),
      figure("source, minified", "MB", spreadOf([size_mb.source]), { at_most: 1 }),
      figure("bare, minified", "MB", spreadOf([size_mb.bare])),
    ],
  };
};

const growth: Scenario["run"] = async (setting) => {
  const { sizes, samples } = await measureSizes(setting);
  const timePerRow = (rows: number) => of(samples, nameOf(rows), "wall_ms").map((milliseconds) => milliseconds / rows);
  const [first = 0, ...others] = sizes;
  return {
    number: 6,
    title: "Growth",
    about: "Time per row, by that of the fewest rows. Below 1, a row of many takes less than one of few.",
    subjects: measured(samples),
    figures: others.map((rows) =>
      figure(
        `${rows.toLocaleString("en-US")} rows / ${first.toLocaleString("en-US")} rows`,
        "x",
        ratiosOf(timePerRow(rows), timePerRow(first)),
        {
          at_most: 1.2,
        },
      ),
    ),
  };
};

const LEVELS = [1, 4, 5, 6, 7, 9];
/** What `lib/parts/json.ts` compresses with. */
const CHOSEN_LEVEL = 6;
const levelName = (level: number): string => `level ${level}`;

const compression: Scenario["run"] = async ({ rounds, quick }) => {
  const pages = quick ? 14 : 140;
  const subjects = LEVELS.map((level): [string, Subject] => [
    levelName(level),
    () => runSubject<Sample>(nodeOf("gzip.ts", [String(level), String(pages)])),
  ]);
  const samples = await measure(rounds, Object.fromEntries(subjects));
  const chosen = levelName(CHOSEN_LEVEL);
  const ratio = (level: string, key: "cpu_ms" | "rows") => ratiosOf(of(samples, level, key), of(samples, chosen, key));
  return {
    number: 7,
    title: "Compression",
    about: `${pages},000 rows as JSON lines, ${quick ? 6 : 64} MB, by gzip at several levels; a ratio is that of a level by that of ${chosen}, which restlake takes.`,
    subjects: measured(samples),
    figures: LEVELS.map(levelName)
      .filter((level) => level !== chosen)
      .flatMap((level) => [
        figure(`${level} / ${chosen}, bytes`, "x", ratio(level, "rows")),
        figure(`${level} / ${chosen}, CPU`, "x", ratio(level, "cpu_ms")),
      ]),
  };
};

const RUNS = [cpuBound, latencyBound, children, memory, bundles, growth, compression];

/** All there are, in order. */
export const SCENARIOS: Scenario[] = RUNS.map((run, index) => ({ number: index + 1, run }));
