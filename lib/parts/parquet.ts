import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { TableColumn } from "../columns/table-schema.ts";
import { type ColumnType, type DataType, decimalDigits } from "../columns/types.ts";
import type { Cells } from "../rows/shape.ts";
import { DAY } from "../time/durations.ts";
import { createPartBuffer, type PartBuffer } from "./part.ts";

/**
 * Maximum characters of a row group's cells, which a part holds uncompressed. Encoding takes about five times as much memory,
 * which fits into a Lambda of 512 MB. Larger groups make files only slightly smaller: 64 MiB of rows with 15 columns take
 * 6.6 MB with groups of 4 MiB, and 6.4 MB with groups of 16 MiB.
 */
export const ROW_GROUP_BYTES = 4 * 1024 * 1024;

/**
 * Maximum length of a string in a column's statistics. The writer keeps the smallest and largest value of every row group until
 * the file is finished. No filter needs longer strings.
 */
const MAX_STATISTIC = 1024;
/** Bytes of a decimal with up to 38 digits. */
const DECIMAL_BYTES = 16;

type Element = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

const TEXT = { type: "BYTE_ARRAY", converted_type: "UTF8" } as const;

/** Parquet types, by column type. A json column is a string: Athena and others read Parquet's own JSON type as bytes. */
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

/** Returns a decimal as an integer of 10^-scale. */
const unscaled = (text: string, scale: number): bigint => {
  const [whole = "", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
};

const asText = (cell: string): unknown => cell;

/** Converters from cells to the writer's values, by column type. */
const VALUES: Record<DataType, (type: ColumnType) => (cell: string) => unknown> = {
  text: () => asText,
  bigint: () => BigInt,
  double: () => Number,
  bool: () => (cell) => cell === "true",
  timestamp: () => (cell) => BigInt(Date.parse(`${cell.replace(" ", "T")}Z`)),
  date: () => (cell) => Date.parse(`${cell}T00:00:00Z`) / DAY,
  decimal: (type) => {
    const { scale } = decimalDigits(type);
    return (cell) => unscaled(cell, scale);
  },
  json: () => asText,
};

const charactersOf = (cells: Cells): number => {
  let characters = 0;
  // A null counts as one character: it takes almost nothing in the file, but a place in memory.
  for (const cell of cells) characters += 1 + (cell?.length ?? 0);
  return characters;
};

/** All columns are nullable in the file, so that all files of a table have the same type for a column. */
const fileSchema = (columns: TableColumn[]): Element[] => [
  { name: "root", num_children: columns.length },
  ...columns.map(
    (column): Element => ({ name: column.name, repetition_type: "OPTIONAL", ...ELEMENTS[column.data_type](column) }),
  ),
];

/** Returns the columns of a part with the types that they have in all files from now on. */
export type FixTypes = (columns: TableColumn[]) => Promise<TableColumn[]>;

/** Options of a Parquet part. */
export interface ParquetOptions {
  /** Characters of cells at which a row group is written. */
  row_group_bytes?: number;
  /** Called once, before the first row group is written. Until then, bigint columns may become double. */
  fixTypes?: FixTypes | undefined;
}

/** The file of a part, from its first row group on. */
interface File {
  columns: TableColumn[];
  converters: ((cell: string) => unknown)[];
  writer: ParquetWriter;
}

const createFile = (writer: ByteWriter, columns: TableColumn[]): File => ({
  columns,
  converters: columns.map((column) => VALUES[column.data_type](column)),
  writer: new ParquetWriter({
    writer,
    schema: fileSchema(columns),
    codec: "ZSTD",
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy: "restlake",
  }),
});

const writeGroup = ({ columns, converters, writer }: File, group: Cells[]): void => {
  if (group.length === 0) return;
  const columnData = columns.map(({ name }, index) => {
    const toValue = converters[index] ?? asText;
    // Rows have no cells for columns that were added after them.
    const data = group.map((cells) => {
      const cell = cells[index] ?? null;
      return cell === null ? null : toValue(cell);
    });
    const statistics = data.every((value) => typeof value !== "string" || value.length <= MAX_STATISTIC);
    return { name, data, statistics };
  });
  writer.write({ columnData, rowGroupSize: group.length });
};

/** Returns an empty part of Parquet, compressed with Zstandard. Equal rows in equal pages give equal bytes. */
export const createParquetPart = (
  initial: TableColumn[],
  { row_group_bytes = ROW_GROUP_BYTES, fixTypes = async (columns) => columns }: ParquetOptions = {},
): PartBuffer => {
  const bytes = new ByteWriter();
  let columns = initial;
  let file: File | undefined;
  let group: Cells[] = [];
  let groupBytes = 0;

  const flush = async (): Promise<File> => {
    file ??= createFile(bytes, await fixTypes(columns));
    writeGroup(file, group);
    group = [];
    groupBytes = 0;
    return file;
  };

  return createPartBuffer({
    isEncoded: () => file !== undefined,
    setColumns(changed) {
      columns = changed;
    },
    async write(rows) {
      let written = 0;
      for (const cells of rows) {
        const characters = charactersOf(cells);
        group.push(cells);
        groupBytes += characters;
        written += characters;
        if (groupBytes >= row_group_bytes) await flush();
      }
      return written;
    },
    async end() {
      const { writer } = await flush();
      await writer.finish();
      return bytes.getBytes();
    },
    discard() {
      group = [];
    },
  });
};
