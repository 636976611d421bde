/**
 * `npm run bench`: restlake against the floor and against dlt, on this machine, told as ratios. It writes
 * bench/results/latest.json, .md and .svg.
 *
 *     --rounds N     of each scenario (3)
 *     --only 1,2     scenarios by number
 *     --quick        a tenth of the rows, one round, nothing written: for trying
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { chart } from "./chart.ts";
import { startServer } from "./processes.ts";
import { findPython } from "./python.ts";
import { figureLine, markdown, type Report } from "./report.ts";
import { SCENARIOS } from "./scenarios.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    only: { type: "string", default: SCENARIOS.map(({ number }) => number).join(",") },
    quick: { type: "boolean", default: false },
  },
});
const { quick } = values;
const rounds = quick ? 1 : Number(values.rounds);
const wanted = values.only.split(",").map(Number);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error("--rounds takes a number from 1 on");
for (const number of wanted) {
  if (!SCENARIOS.some((scenario) => scenario.number === number)) throw new Error(`there is no scenario ${number}`);
}

const git = (...args: string[]): string => {
  try {
    return execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
  } catch {
    // A copy without its history.
    return "";
  }
};

const python = await findPython();
const report: Report = {
  date: new Date().toISOString(),
  machine: {
    cpu: cpus()[0]?.model ?? "unknown",
    cpus: cpus().length,
    memory_gb: Math.round(totalmem() / 2 ** 30),
    load_before: loadavg()[0] ?? 0,
    node: process.version,
  },
  restlake: `${git("rev-parse", "--short", "HEAD")}${git("status", "--porcelain", "--", "../lib", "../infra") === "" ? "" : "+"}`,
  dlt: python?.version ?? null,
  rounds,
  quick,
  results: [],
};

{
  await using api = await startServer("api.ts");
  for (const scenario of SCENARIOS.filter(({ number }) => wanted.includes(number))) {
    console.log(`scenario ${scenario.number}`);
    const result = await scenario.run({ api: api.url, python, rounds, quick });
    report.results.push(result);
    console.log(`${result.title}\n${result.figures.map(figureLine).join("\n")}\n`);
  }
}

if (quick) console.log("--quick is for trying: bench/results/ stays as it is");
else {
  const folder = new URL("results/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(new URL(name, folder), text);
  write("latest.json", `${JSON.stringify(report, null, 2)}\n`);
  write("latest.md", markdown(report));
  write("latest.svg", chart(report));
  console.log("written to bench/results/");
}
