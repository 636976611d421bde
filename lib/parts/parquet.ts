import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { TableColumn } from "../columns/table-schema.ts";
import { type ColumnType, type DataType, decimalDigits } from "../columns/types.ts";
import type { Cells } from "../rows/shape.ts";
import { createPartBuffer, type PartBuffer } from "./part.ts";

/**
 * A row group is written when its cells have this many characters: all that a part holds uncompressed. While it is
 * encoded, its values and their bytes take some five times as much, which a Lambda of 512 MB has to spare; larger groups make a
 * file hardly any smaller (of 64 MiB of rows with 15 columns: 6.6 MB with groups of 4 MiB, 6.4 MB with 16 MiB).
 */
export const ROW_GROUP_BYTES = 4 * 1024 * 1024;

const MILLISECONDS_OF_A_DAY = 86_400_000;
/**
 * The writer keeps the least and the greatest value of every group until the file is finished. Texts longer than this are not
 * kept: no filter asks for them.
 */
const LONGEST_STATISTIC = 1024;
/** Bytes of a decimal of up to 38 digits. */
const DECIMAL_BYTES = 16;

type Element = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;

/** How a column's values lie in a file. A json column is a text: Athena and others read Parquet's own JSON as bytes. */
const ELEMENTS: Record<DataType, (type: ColumnType) => Omit<Element, "name">> = {
  text: () => TEXT,
  bigint: () => ({ type: "INT64" }),
  double: () => ({ type: "DOUBLE" }),
  bool: () => ({ type: "BOOLEAN" }),
  timestamp: () => ({ type: "INT64", converted_type: "TIMESTAMP_MILLIS" }),
  date: () => ({ type: "INT32", converted_type: "DATE" }),
  decimal: (type) => ({
    type: "FIXED_LEN_BYTE_ARRAY",
    type_length: DECIMAL_BYTES,
    converted_type: "DECIMAL",
    ...decimalDigits(type),
  }),
  json: () => TEXT,
};

/** The digits of a decimal without its point. */
const unscaled = (text: string, scale: number): bigint => {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
};

const asText = (cell: string): unknown => cell;

/** A cell as the writer takes it. */
const VALUES: Record<DataType, (type: ColumnType) => (cell: string) => unknown> = {
  text: () => asText,
  bigint: () => BigInt,
  double: () => Number,
  bool: () => (cell) => cell === "true",
  timestamp: () => (cell) => BigInt(Date.parse(`${cell.replace(" ", "T")}Z`)),
  date: () => (cell) => Date.parse(`${cell}T00:00:00Z`) / MILLISECONDS_OF_A_DAY,
  decimal: (type) => {
    const { scale } = decimalDigits(type);
    return (cell) => unscaled(cell, scale);
  },
  json: () => asText,
};

const charactersOf = (cells: Cells): number => {
  let characters = 0;
  // A null takes a bit or two, but its place in memory.
  for (const cell of cells) characters += 1 + (cell?.length ?? 0);
  return characters;
};

/**
 * An empty part of Parquet, its pages compressed with Zstandard. Equal rows in equal pages give equal bytes. All columns
 * may be null in the file, so that all files of a table say the same of a column.
 */
export const createParquetPart = (columns: TableColumn[], row_group_bytes = ROW_GROUP_BYTES): PartBuffer => {
  const writer = new ByteWriter();
  const file = new ParquetWriter({
    writer,
    schema: [
      { name: "root", num_children: columns.length },
      ...columns.map(
        (column): Element => ({
          name: column.name,
          repetition_type: "OPTIONAL",
          ...ELEMENTS[column.data_type](column),
        }),
      ),
    ],
    codec: "ZSTD",
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy: "restlake",
  });
  const values = columns.map((column) => VALUES[column.data_type](column));
  let group: Cells[] = [];
  let groupBytes = 0;

  const writeGroup = () => {
    if (group.length === 0) return;
    file.write({
      columnData: columns.map(({ name }, index) => {
        const toValue = values[index] ?? asText;
        const data = group.map((cells) => {
          const cell = cells[index] ?? null;
          return cell === null ? null : toValue(cell);
        });
        const statistics = data.every((value) => typeof value !== "string" || value.length <= LONGEST_STATISTIC);
        return { name, data, statistics };
      }),
      rowGroupSize: group.length,
    });
    group = [];
    groupBytes = 0;
  };

  return createPartBuffer({
    write(rows) {
      let written = 0;
      for (const cells of rows) {
        const characters = charactersOf(cells);
        group.push(cells);
        groupBytes += characters;
        written += characters;
        if (groupBytes >= row_group_bytes) writeGroup();
      }
      return written;
    },
    async end() {
      writeGroup();
      await file.finish();
      return writer.getBytes();
    },
    discard() {
      group = [];
    },
  });
};
