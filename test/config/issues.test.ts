import { expect, test } from "vitest";
import { z } from "zod";
import { issuesOf } from "../../lib/config/schema/issues.ts";

const linesOf = (schema: z.ZodType, value: unknown) => issuesOf(["place"], schema, value).lines;

test("reports the first choice of a union whose choices all expect the kind of value", () => {
  const short = z.string().refine((text) => text.length < 3, "is too long");
  const loud = z.string().refine((text) => text === text.toUpperCase(), "is too quiet");
  expect(linesOf(z.union([z.number(), short, loud]), "word")).toEqual(['place: is too long (got "word")']);
});

test("falls back to the message of zod", () => {
  expect(linesOf(z.email(), "word")).toEqual(["place: Invalid email address"]);
});

test("lists the choices of nested unions once each", () => {
  const schema = z.union([z.literal("a"), z.union([z.number(), z.boolean(), z.literal("b")]), z.number()]);
  expect(linesOf(schema, [])).toEqual(['place: expected "a", number, boolean or "b", got list']);
});

test("reports numbers that JSON does not have", () => {
  expect(linesOf(z.number(), Number.NaN)).toEqual(["place: expected number, got NaN"]);
  expect(linesOf(z.int(), Number.POSITIVE_INFINITY)).toEqual(["place: expected number, got Infinity"]);
});
