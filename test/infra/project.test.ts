import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findProject, functionsFolder } from "../../infra/project.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "restlake-project-")));
const inner = join(root, "lake/functions/deep");
mkdirSync(inner, { recursive: true });
mkdirSync(join(root, "empty"));
writeFileSync(join(root, "lake/package.json"), "{}");

afterAll(() => rmSync(root, { recursive: true }));

describe("the project", () => {
  test.each(["package.json", "serverless.yml", "serverless.yaml"])("is the nearest folder upwards with %s", (mark) => {
    const project = join(root, `with-${mark}`);
    mkdirSync(join(project, "a/b"), { recursive: true });
    writeFileSync(join(project, mark), "");
    expect(findProject(join(project, "a/b"))).toBe(project);
  });

  test("is the inner one of two", () => {
    writeFileSync(join(root, "serverless.yml"), "");
    expect(findProject(inner)).toBe(join(root, "lake"));
    rmSync(join(root, "serverless.yml"));
  });

  test("is null where no folder has one", () => {
    expect(findProject(join(root, "empty"))).toBeNull();
  });

  test("has its sources in functions/, of which links are resolved", () => {
    const service = join(root, "service");
    mkdirSync(service);
    symlinkSync(join(root, "lake/functions"), join(service, "functions"));
    expect(functionsFolder(service)).toBe(join(root, "lake/functions"));
    expect(functionsFolder(join(root, "empty"))).toBe(join(root, "empty/functions"));
  });
});
