import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { COMMANDS } from "../../cli/commands.ts";
import { cliReference } from "../../tools/docs/cli-reference.ts";

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const document = read("docs/cli.md");

test("docs/cli.md is current: npm run docs writes it", () => {
  expect(document).toBe(cliReference());
});

test("docs/cli.md has a section for every npm script that runs a command, and a row for each of its options", () => {
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  const names = Object.values(scripts).flatMap((script) => /^node cli\/restlake\.js (\w+)$/.exec(script)?.[1] ?? []);
  expect(names.sort()).toEqual(COMMANDS.map(({ definition }) => definition.name).sort());
  for (const { definition } of COMMANDS) {
    expect(document).toMatch(new RegExp(`^## npm (run )?${definition.name}$`, "m"));
    for (const option of Object.keys(definition.options)) expect(document).toContain(`| \`--${option}`);
  }
});
