import { describe, expect, test } from "vitest";
import type { TableSchema } from "../../lib/columns/table-schema.ts";
import type { SchemaContract } from "../../lib/config/resolved.ts";
import type { JsonObject } from "../../lib/json/index.ts";
import { applyContract, isOpen } from "../../lib/rows/contract.ts";
import { createShaper } from "../../lib/rows/shape.ts";

const schema: TableSchema = {
  version: 3,
  file_formats: ["jsonl"],
  columns: [
    { name: "id", data_type: "bigint" as const, nullable: false, primary_key: true as const },
    { name: "n", data_type: "bigint" as const, nullable: true },
    { name: "n__v_text", data_type: "text" as const, nullable: true, variant: true as const },
  ],
};
const evolve: SchemaContract = { tables: "evolve", columns: "evolve", data_type: "evolve" };

/** Applies a contract to some records: returns the rows that are kept, and the counts. */
const left = (contract: Partial<SchemaContract>, records: JsonObject[]) => {
  const shaper = createShaper(schema);
  const rows = records.map(shaper.flatten);
  const { kept, ...counts } = applyContract(shaper, { ...evolve, ...contract }, rows);
  return { rows: rows.filter((_row, index) => kept[index]).map((row) => Object.fromEntries(row)), ...counts };
};

const records: JsonObject[] = [
  { id: 1, n: 1 },
  { id: 2, n: 2.5 },
  { id: 3, n: "text", x: 1, y: 2 },
  { id: 4, n: null, x: null },
];

describe("a contract counts what it discards with", () => {
  test("discard_row: rows with a new column or with a value of another type", () => {
    expect(left({ columns: "discard_row" }, records)).toMatchObject({ discarded_rows: 1, discarded_values: 0 });
    const types = left({ data_type: "discard_row" }, records);
    // The table has a variant for text, but none for 2.5. Widening bigint to double would be a change.
    expect(types.rows.map(({ id }) => id)).toEqual([1, 3, 4]);
    expect(types).toMatchObject({ discarded_rows: 1, discarded_values: 0 });
  });

  test("discard_value: single values, and no rows", () => {
    expect(left({ columns: "discard_value", data_type: "discard_value" }, records)).toEqual({
      rows: [{ id: 1, n: 1 }, { id: 2 }, { id: 3, n: "text" }, { id: 4, n: null, x: null }],
      discarded_rows: 0,
      discarded_values: 3,
    });
  });

  test("both: a discarded row once, without its values", () => {
    expect(left({ columns: "discard_value", data_type: "discard_row" }, [{ id: 1, n: 0.5, x: 1 }])).toEqual({
      rows: [],
      discarded_rows: 1,
      discarded_values: 0,
    });
  });
});

test("null never breaks a contract", () => {
  expect(() => left({ columns: "freeze", data_type: "freeze" }, [{ id: 4, n: null, x: null }])).not.toThrow();
});

test("freeze fails with an error that names the row and the column", () => {
  expect(() => left({ columns: "freeze" }, records)).toThrow(
    "the row with id=3 has a new column x, but schema_contract freezes columns: declare the column, or set columns to evolve, discard_row or discard_value",
  );
});

test("a contract is open if columns and data_type evolve", () => {
  expect(isOpen({ ...evolve, tables: "freeze" })).toBe(true);
  expect(isOpen({ ...evolve, columns: "discard_value" })).toBe(false);
});
