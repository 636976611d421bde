import { expect, test } from "vitest";
import { z } from "zod";
import { issuesOf } from "../../lib/config/schema/issues.ts";

const linesOf = (schema: z.ZodType, value: unknown) => issuesOf(["place"], schema, value).lines;

test("of choices of one kind that all refuse a value, the first says why", () => {
  const short = z.string().refine((text) => text.length < 3, "is too long");
  const loud = z.string().refine((text) => text === text.toUpperCase(), "is too quiet");
  expect(linesOf(z.union([z.number(), short, loud]), "word")).toEqual(['place: is too long (it is "word")']);
});

test("what there are no words for is said in the schema's own", () => {
  expect(linesOf(z.email(), "word")).toEqual(["place: Invalid email address"]);
});

test("a choice within a choice is told as one list, each once", () => {
  const schema = z.union([z.literal("a"), z.union([z.number(), z.boolean(), z.literal("b")]), z.number()]);
  expect(linesOf(schema, [])).toEqual(['place: expected "a", number, boolean or "b", received list']);
});

test("numbers that JSON has no word for are told", () => {
  expect(linesOf(z.number(), Number.NaN)).toEqual(["place: expected number (it is NaN)"]);
  expect(linesOf(z.int(), Number.POSITIVE_INFINITY)).toEqual(["place: expected number (it is Infinity)"]);
});
