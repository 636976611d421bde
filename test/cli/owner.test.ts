import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, expect, test } from "vitest";
import { firstRun } from "../../cli/check/request-line.ts";
import { announceLambdas, deadOwner, localOwner } from "../../local/owner.ts";

const out = mkdtempSync(join(tmpdir(), "restlake-owner-"));
const state = join(out, "s3/lake/state/shop");
mkdirSync(state, { recursive: true });

afterAll(() => rmSync(out, { recursive: true }));

/** Returns the dead owner that is detected when the given owner holds the lease. */
const deadWhenLeasedBy = (owner: string | null): string | null => {
  const lease = owner === null ? null : { owner, expires_at: "2999-01-01T00:00:00.000Z" };
  writeFileSync(join(state, "run.json"), JSON.stringify({ ...firstRun(), lease }));
  return deadOwner(out, "shop");
};

test("a running process is not dead, and neither is any process on another computer", () => {
  for (const owner of [
    localOwner(),
    "local:elsewhere:1.2.0.0a:0",
    "arn:aws:states:eu-central-1:1:execution:a:b",
    null,
  ]) {
    expect(deadWhenLeasedBy(owner)).toBeNull();
  }
});

test("a process that has ended is dead, even if another process has its id", () => {
  const gone = `local:${hostname()}:999999.1.0.0a:0`;
  expect(deadWhenLeasedBy(gone)).toBe(gone);
  // This process has the id, but a different start time.
  const before = `local:${hostname()}:${process.pid}.1.0.0a:0`;
  expect(deadWhenLeasedBy(before)).toBe(before);
});

test("a manually invoked Lambda is alive as long as any process runs Lambdas on the lake", () => {
  const owner = "lambda:01234567";
  expect(deadWhenLeasedBy(owner)).toBe(owner);
  const takeBack = announceLambdas(out);
  expect(deadWhenLeasedBy(owner)).toBeNull();
  takeBack();
  expect(deadWhenLeasedBy(owner)).toBe(owner);
  writeFileSync(join(out, "lambdas", "999999.1.0.0a"), "");
  expect(deadWhenLeasedBy(owner)).toBe(owner);
});

test("a missing or corrupt run record has no dead owner", () => {
  expect(deadOwner(out, "nothing")).toBeNull();
  writeFileSync(join(state, "run.json"), '{"version": 1, "run_');
  expect(deadOwner(out, "shop")).toBeNull();
});
