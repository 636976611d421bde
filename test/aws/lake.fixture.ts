import { mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { Emulator } from "./emulator.fixture.ts";

/** Number of concurrent downloads. */
const AT_ONCE = 16;

/** Downloads all objects of the lake into the layout of a local lake and returns their keys. */
export const downloadLake = async ({ client: settings }: Emulator, bucket: string, out: string): Promise<string[]> => {
  const client = new S3Client(settings);
  const keys: string[] = [];
  const download = async (Key: string, time: Date) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    const file = join(out, "s3", "lake", Key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await (Body as NonNullable<typeof Body>).transformToByteArray());
    utimesSync(file, time, time);
    keys.push(Key);
  };
  try {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
      for (let from = 0; from < Contents.length; from += AT_ONCE) {
        const some = Contents.slice(from, from + AT_ONCE);
        await Promise.all(some.map(({ Key, LastModified }) => download(String(Key), LastModified ?? new Date())));
      }
    }
  } finally {
    client.destroy();
  }
  return keys.sort();
};
