/**
 * `npm run bench`: measures restlake against a baseline and against dlt on this machine, as ratios. Writes
 * bench/results/latest.json, .md and .svg.
 *
 *     --rounds N     rounds of each scenario (3)
 *     --only 1,2     numbers of the scenarios
 *     --quick        a tenth of the rows, one round, without writing: a check that the benchmark works
 *     --render       measures nothing, and writes .md and .svg again from .json
 */
import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { type BenchmarkReport, readReport, writeReport } from "./benchmark-report.ts";
import { figureLine } from "./markdown.ts";
import { startServer } from "./processes.ts";
import { findPython } from "./python.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import type { Setting } from "./scenarios/scenario.ts";

/** Options of the command. */
interface Options extends Pick<Setting, "rounds" | "quick"> {
  /** Numbers of scenarios. */
  only: number[];
  render: boolean;
}

const parseOptions = (): Options => {
  const { values } = parseArgs({
    options: {
      rounds: { type: "string", default: "3" },
      only: { type: "string", default: SCENARIOS.map((_, index) => index + 1).join(",") },
      quick: { type: "boolean", default: false },
      render: { type: "boolean", default: false },
    },
  });
  const rounds = values.quick ? 1 : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`--rounds must be a positive integer (${values.rounds})`);
  }
  const only = values.only.split(",").map(Number);
  const unknown = only.find((number) => SCENARIOS[number - 1] === undefined);
  if (unknown !== undefined) throw new Error(`no scenario ${unknown}: give numbers from 1 to ${SCENARIOS.length}`);
  return { rounds, only, quick: values.quick, render: values.render };
};

const git = (...args: string[]): string => {
  try {
    return execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  } catch {
    // Not a Git repository.
    return "";
  }
};

const machine = (): BenchmarkReport["machine"] => ({
  cpu: cpus()[0]?.model ?? "unknown",
  cpus: cpus().length,
  memory_gb: Math.round(totalmem() / 2 ** 30),
  load_before: loadavg()[0] ?? 0,
  node: process.version,
});

/** Runs the scenarios and prints their figures. */
const measure = async ({ only, rounds, quick }: Options): Promise<BenchmarkReport> => {
  const python = await findPython();
  const report: BenchmarkReport = {
    date: new Date().toISOString(),
    machine: machine(),
    restlake: `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "--", "../lib", "../infra") === "" ? "" : "+"}`,
    dlt: python?.version ?? null,
    rounds,
    quick,
    results: [],
  };
  await using api = await startServer("api.ts");
  for (const [index, scenario] of SCENARIOS.entries()) {
    const number = index + 1;
    if (!only.includes(number)) continue;
    console.log(`${number}. ${scenario.title}`);
    const result = await scenario.measure({ api: api.url, python, rounds, quick });
    report.results.push({ number, ...result });
    console.log(`${result.figures.map(figureLine).join("\n")}\n`);
  }
  return report;
};

const options = parseOptions();
const report = options.render ? readReport() : await measure(options);
if (report.quick) console.log("bench/results/ is unchanged, because --quick measures too little");
else {
  writeReport(report);
  console.log("written to bench/results/");
}
