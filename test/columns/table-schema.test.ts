import { describe, expect, test } from "vitest";
import {
  declaredSchema,
  SYSTEM_COLUMNS,
  type TableColumn,
  type TableSchema,
  withColumns,
  withKey,
} from "../../lib/columns/table-schema.ts";

const text = (name: string): TableColumn => ({ name, data_type: "text", nullable: true });

describe("the first version of a table", () => {
  test("has restlake's columns first, then the declared ones in order", () => {
    const { version, columns } = declaredSchema(
      { total: { data_type: "decimal", nullable: true }, id: { data_type: "bigint", nullable: false } },
      ["id"],
    );
    expect(version).toBe(1);
    expect(columns).toEqual([
      ...SYSTEM_COLUMNS,
      { name: "total", data_type: "decimal", nullable: true, declared: true },
      { name: "id", data_type: "bigint", nullable: false, declared: true, primary_key: true },
    ]);
  });

  test("has a column that is declared by its name in the API", () => {
    const { columns } = declaredSchema(
      { orderId: { data_type: "bigint", nullable: false }, shipTo__city: { data_type: "text", nullable: true } },
      ["orderId"],
    );
    expect(columns.slice(SYSTEM_COLUMNS.length)).toEqual([
      { name: "order_id", data_type: "bigint", nullable: false, declared: true, primary_key: true },
      { name: "ship_to__city", data_type: "text", nullable: true, declared: true },
    ]);
  });

  test("has no duplicate column, and only one _seq", () => {
    const bigint = { data_type: "bigint", nullable: true } as const;
    const { columns } = declaredSchema({ orderId: bigint, order_id: bigint, _seq: bigint }, []);
    expect(columns.map(({ name }) => name)).toEqual(["_run_id", "_seq", "_extracted_at", "order_id"]);
  });
});

describe("a schema", () => {
  const schema: TableSchema = { version: 3, file_formats: ["jsonl"], columns: [text("a")] };

  test("gets new columns at its end in a new version, and the old version is unchanged", () => {
    expect(withColumns(schema, [text("b"), text("c")])).toEqual({
      version: 4,
      file_formats: ["jsonl"],
      columns: [text("a"), text("b"), text("c")],
    });
    expect(schema.columns).toHaveLength(1);
  });

  test("is the same object when nothing is new, and existing columns keep their type", () => {
    expect(withColumns(schema, [])).toBe(schema);
    expect(withColumns(schema, [{ ...text("a"), data_type: "bigint" }])).toBe(schema);
  });

  test("gets a column once, although it is requested twice", () => {
    expect(withColumns(schema, [text("b"), { ...text("b"), data_type: "json" }]).columns).toEqual([
      text("a"),
      text("b"),
    ]);
  });
});

test("the second of two writers that find the same key does not add another column for it", () => {
  const found = (name: string): TableColumn => ({ ...text(name), path: ["a b"] });
  const schema: TableSchema = { version: 1, file_formats: ["jsonl"], columns: [text("a_b"), found("a_b_f202b0")] };
  expect(withColumns(schema, [found("a_b_123456")])).toBe(schema);
});

describe("a bigint column that is requested as a double", () => {
  const bigint: TableColumn = { name: "n", data_type: "bigint", nullable: true };
  const double: TableColumn = { name: "n", data_type: "double", nullable: true };
  const grow = (...asked: TableColumn[]) =>
    asked.reduce<TableSchema>((schema, column) => withColumns(schema, [column]), {
      version: 1,
      file_formats: ["jsonl"],
      columns: [text("a"), bigint, text("b")],
    });

  test("becomes a double at the same place in a new version", () => {
    expect(grow(double)).toMatchObject({ version: 2, columns: [text("a"), double, text("b")] });
  });

  test("stays a bigint if it has had an integer beyond 2^53, whichever writer came first", () => {
    expect(grow({ ...bigint, exact: true }, double)).toMatchObject({
      version: 2,
      columns: [text("a"), { ...bigint, exact: true }, text("b")],
    });
    expect(grow(double, { ...bigint, exact: true }).columns[1]).toEqual(double);
  });

  test("stays a bigint if the config declares it, also later", () => {
    const declared = { ...bigint, declared: true as const };
    expect(grow(declared, double)).toMatchObject({ version: 2, columns: [text("a"), declared, text("b")] });
  });

  test("stays a double once it is one", () => {
    expect(grow(double, bigint)).toEqual(grow(double));
  });
});

test("a column of the primary key is marked, by its name in the API or in the table", () => {
  expect(withKey(text("order_id"), ["orderId"])).toMatchObject({ primary_key: true });
  expect(withKey(text("order_id"), ["order_id"])).toMatchObject({ primary_key: true });
  expect(withKey(text("id"), ["orderId"])).toEqual(text("id"));
});
