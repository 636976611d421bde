import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startS3 } from "../../local/s3/index.ts";
import { reply, startApi } from "../configs/conversation.fixture.ts";
import { type Ended, restlake } from "./command.fixture.ts";
import { filesBelow } from "./lake.fixture.ts";

const PAGES = 3;
const REMEDY = "restore an older version of the object (docs/operations.md#verify-the-lake)";

const folder = mkdtempSync(join(tmpdir(), "restlake-check-lake-"));
let copies = 0;

/** Returns the rows of a page of parents; the paths of two levels of children have the parent's id. */
const respond = ({ url }: { url: URL }) => {
  const page = Number(url.searchParams.get("page") ?? 1);
  if (/^\/(orders|flat|hidden)$/.test(url.pathname))
    return page > PAGES ? [] : [{ id: page * 2 }, { id: page * 2 + 1 }];
  if (/^\/hidden\/\d+\/lines$/.test(url.pathname)) return [{ no: 1 }];
  return reply(404);
};

beforeAll(async () => {
  await using api = await startApi(respond);
  const paginator = { type: "page_number", base_page: 1 };
  const paged = (name: string) => ({ name, endpoint: { path: name, paginator } });
  const config = {
    name: "shop",
    client: { base_url: api.url },
    resources: [
      paged("orders"),
      { ...paged("flat"), file_format: "parquet" },
      { ...paged("hidden"), selected: false },
      { name: "lines", endpoint: { path: "hidden/{resources.hidden.id}/lines", paginator: "single_page" } },
    ],
  };
  writeFileSync(join(folder, "shop.json"), JSON.stringify(config));
  writeFileSync(join(folder, "store.json"), JSON.stringify({ ...config, name: "store", resources: [paged("orders")] }));
  for (const name of ["shop.json", "store.json"]) {
    expect(await restlake(["sync", name, "--out", "whole"], folder)).toMatchObject({ code: 0 });
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of the lake that a test damages. */
const copyLake = () => {
  const out = `copy-${++copies}`;
  cpSync(join(folder, "whole"), join(folder, out), { recursive: true, preserveTimestamps: true });
  const bucket = join(folder, out, "s3", "lake");
  /** Returns the key of the only object whose key matches. */
  const keyOf = (pattern: RegExp): string => {
    const keys = filesBelow(bucket)
      .map((file) => file.slice(bucket.length + 1))
      .filter((key) => pattern.test(key));
    expect(keys, String(pattern)).toHaveLength(1);
    return keys[0] as string;
  };
  const file = (key: string) => join(bucket, key);
  return { out, keyOf, file };
};

const check = (...args: string[]): Promise<Ended> => restlake(["check", "--lake", ...args], folder);

/** Returns the lines about damaged objects. */
const damages = (out: string): string[] => out.split("\n").filter((line) => line.startsWith("!!"));

describe("check --lake", () => {
  test("counts manifests, parts and rows of all sources of a lake in which nothing is damaged", async () => {
    const whole = await check("--out", "whole");
    expect(whole).toEqual({
      code: 0,
      err: "",
      out: "whole/s3/lake: 5 manifests, 5 parts, 30 rows: nothing is damaged\n",
    });
    const one = await check("store.json", "--out", "whole");
    expect(one).toMatchObject({
      code: 0,
      out: "store in whole/s3/lake: 1 manifest, 1 part, 6 rows: nothing is damaged\n",
    });
  });

  test("prints the key of a changed and of a missing part, what is wrong and what to do, and exits with 1", async () => {
    const { out, keyOf, file } = copyLake();
    const changed = keyOf(/^data\/shop\/orders\/.*gz$/);
    const bytes = readFileSync(file(changed));
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(file(changed), bytes);
    const missing = keyOf(/^data\/shop\/flat\/.*parquet$/);
    rmSync(file(missing));
    const ended = await check("--out", out);
    expect(ended).toMatchObject({ code: 1, err: "" });
    expect(damages(ended.out)).toEqual([
      `!! ${missing}: missing: ${REMEDY}`,
      expect.stringMatching(
        new RegExp(`^!! ${changed}: its sha256 is [\\da-f]{64}, and the manifest lists [\\da-f]{64}: `),
      ),
    ]);
    expect(ended.out).toMatch(/: 2 objects damaged\n$/);
    expect(await check("store.json", "--out", out)).toMatchObject({ code: 0 });
  });

  test("finds the parts and parent rows of a resource without a table", async () => {
    const { out, keyOf, file } = copyLake();
    const part = keyOf(/^state\/shop\/.*\/log\/hidden-000001/);
    const parents = keyOf(/^state\/shop\/.*\/parents\//);
    writeFileSync(file(part), "x");
    writeFileSync(file(parents), gzipSync("[]"));
    expect(damages((await check("--out", out)).out)).toEqual([
      expect.stringContaining(`!! ${part}: its sha256 is `),
      `!! ${parents}: its content is not the one that its name is the sha256 of: ${REMEDY}`,
    ]);
  });

  test.each<[string, (manifest: Record<string, unknown>) => object, string]>([
    ["rows", (manifest) => ({ ...manifest, rows: 5 }), "rows: expected 6, the sum of its parts, got 5"],
    ["parts", (manifest) => ({ ...manifest, parts: 7 }), "parts: expected list, got number"],
    ["resource", (manifest) => ({ ...manifest, resource: "items" }), "it is the manifest of "],
  ])("names a manifest with other %s", async (_what, change, problem) => {
    const { out, keyOf, file } = copyLake();
    const key = keyOf(/^manifests\/shop\/orders\//);
    writeFileSync(file(key), JSON.stringify(change(JSON.parse(readFileSync(file(key), "utf8")))));
    const [line, ...others] = damages((await check("--out", out)).out);
    expect(others).toEqual([]);
    expect(line).toContain(`${key} is corrupt (${problem}`);
    expect(line).toContain("): restore an older version of the object.");
  });

  test("counts the rows of parts in both formats, and compares them with the manifest", async () => {
    for (const table of ["orders", "flat"]) {
      const { out, keyOf, file } = copyLake();
      const key = keyOf(new RegExp(`^manifests/shop/${table}/`));
      const manifest = JSON.parse(readFileSync(file(key), "utf8"));
      writeFileSync(file(key), JSON.stringify({ ...manifest, rows: 5, parts: [{ ...manifest.parts[0], rows: 5 }] }));
      const [line] = damages((await check("--out", out)).out);
      expect(line).toBe(`!! ${manifest.parts[0].key}: it has 6 rows, and the manifest lists 5: ${REMEDY}`);
    }
  });

  test("names schemas, run records and incremental states that are damaged", async () => {
    const { out, keyOf, file } = copyLake();
    rmSync(file(keyOf(/^schemas\/shop\/flat\.json$/)));
    writeFileSync(file(keyOf(/^schemas\/shop\/orders\.json$/)), "{");
    writeFileSync(file(keyOf(/^state\/shop\/run\.json$/)), "[]");
    writeFileSync(file("state/shop/orders.json"), '{"version":1,"run_id":"x","cursors":[]}');
    expect(damages((await check("--out", out)).out).sort()).toEqual([
      `!! schemas/shop/flat.json: missing: ${REMEDY}`,
      '!! shop.orders: state/shop/orders.json is corrupt (cursors: expected object, got list): restore an older version of the object, or delete it and start with refresh: "full"',
      "!! shop: schemas/shop/orders.json is corrupt (invalid JSON): restore an older version of the object",
      "!! shop: state/shop/run.json is corrupt (expected object, got list): restore an older version of the object, or delete it",
    ]);
  });
});

describe("check --lake --bucket", () => {
  test("verifies a bucket through S3, chain and metadata included", async () => {
    const { out, keyOf, file } = copyLake();
    const s3 = await startS3({ root: join(folder, out, "s3"), buckets: ["lake"] });
    const credentials = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_REGION: "eu-central-1" };
    const env = { ...credentials, AWS_ENDPOINT_URL_S3: s3.url };
    try {
      expect(await restlake(["check", "--lake", "--bucket", "lake"], folder, env)).toEqual({
        code: 0,
        err: "",
        out: "s3://lake: 5 manifests, 5 parts, 30 rows: nothing is damaged\n",
      });
      const key = keyOf(/^data\/store\/orders\/.*gz$/);
      writeFileSync(
        file(key),
        gzipSync(
          gunzipSync(readFileSync(file(key)))
            .toString()
            .replace("2", "3"),
        ),
      );
      const damaged = await restlake(["check", "--lake", "--bucket", "lake"], folder, env);
      expect(damaged.code).toBe(1);
      expect(damages(damaged.out)).toEqual([expect.stringContaining(`!! ${key}: its sha256 is `)]);
      const absent = await restlake(["check", "--lake", "--bucket", "absent"], folder, env);
      expect(absent).toMatchObject({ code: 1, out: "" });
      expect(absent.err).toMatch(
        /^StorageError: bucket absent cannot be listed \(NoSuchBucket: .*\): check its name, /,
      );
    } finally {
      await s3.close();
    }
  });
});

test("check --lake changes nothing in the lake", async () => {
  const { out } = copyLake();
  const before = readdirSync(join(folder, out, "s3", "lake"), { recursive: true }).sort();
  await check("--out", out);
  expect(readdirSync(join(folder, out, "s3", "lake"), { recursive: true }).sort()).toEqual(before);
});

test.each<[string[], string]>([
  [["--lake", "--out", "none"], "there is no lake in none: name its folder with --out, or its bucket with --bucket\n"],
  [["--lake", "--live", "shop.json"], "--live and --lake are both given: use one of them\n"],
  [["--bucket", "lake", "shop.json"], "--bucket without --lake: give both to verify a bucket\n"],
])("check %j exits with 2 and says what to do", async (args, err) => {
  expect(await restlake(["check", ...args], folder)).toEqual({ code: 2, out: "", err });
});
