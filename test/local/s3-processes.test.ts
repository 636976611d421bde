import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, readlink, rm, rmdir, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { isAlive, owner, withLock } from "../../local/s3/store/lock.ts";
import { placeOf } from "../../local/s3/store/places.ts";
import { inFolder } from "../../local/s3/store/sidecars.ts";
import { until } from "../until.ts";
import { Bucket, connect, newRoot, startLake } from "./s3.fixture.ts";

const program = `
  import { startS3 } from ${JSON.stringify(new URL("../../local/s3/index.ts", import.meta.url).href)};
  const server = await startS3({ root: process.argv[1], buckets: ["${Bucket}"] });
  console.log(server.url);
`;

/** Starts processes that serve one root; `kill` sends SIGKILL and waits for the exit. */
async function serve(root: string, count: number) {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program, root], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      onTestFinished(() => void child.kill("SIGKILL"));
      const [url] = await once(child.stdout.setEncoding("utf8"), "data");
      const lake = connect(url.trim());
      onTestFinished(() => lake.client.destroy());
      return { ...lake, kill: () => kill(child) };
    }),
  );
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

async function temporaryRoot(): Promise<string> {
  const root = await newRoot();
  onTestFinished(() => rm(root, { recursive: true }));
  return root;
}

/** Returns an `owner` whose process has exited. */
async function deadOwner(): Promise<string> {
  const child = spawn(process.execPath, ["-e", ""]);
  await once(child, "exit");
  return `${child.pid}.1.0.${randomBytes(4).toString("hex")}`;
}

type Lake = ReturnType<typeof connect>;

/** Runs 4 writers per server and returns the index of the only one whose PUT was accepted. */
async function winnerOf(servers: Lake[], write: (server: Lake, writer: number) => Promise<unknown>): Promise<number> {
  const writers = Array.from({ length: 4 * servers.length }, (_, writer) => writer);
  const results = await Promise.allSettled(writers.map((writer) => write(servers[writer % servers.length]!, writer)));
  const winners = writers.filter((writer) => results[writer]?.status === "fulfilled");
  for (const result of results) if (result.status === "rejected") expect(result.reason.name).toBe("PreconditionFailed");
  expect(winners).toHaveLength(1);
  return winners[0]!;
}

describe("two processes on one root", () => {
  test("If-None-Match: * and If-Match have one winner, and both processes then read its body and metadata", async () => {
    const servers = await serve(await temporaryRoot(), 2);
    for (let n = 0; n < 15; n++) {
      const key = `state/${n}.json`;
      const write = (condition: { IfNoneMatch?: string; IfMatch?: string }) => (server: Lake, writer: number) =>
        server.put(key, `${JSON.stringify(condition)} ${writer}`, {
          ...condition,
          Metadata: { writer: String(writer) },
        });
      const check = async (winner: number) => {
        const [one, two] = await Promise.all(servers.map((server) => server.get(key)));
        expect(one?.text.split(" ")[1]).toBe(String(winner));
        expect(one?.Metadata).toEqual({ writer: String(winner) });
        expect([two?.text, two?.Metadata, two?.ETag]).toEqual([one?.text, one?.Metadata, one?.ETag]);
        return one!.ETag!;
      };
      const etag = await check(await winnerOf(servers, write({ IfNoneMatch: "*" })));
      await check(await winnerOf(servers, write({ IfMatch: etag })));
    }
  });

  test("one process takes over the locks that a killed process held", async () => {
    const root = await temporaryRoot();
    const servers = await serve(root, 2);
    const dead = await deadOwner();
    for (let n = 0; n < 15; n++) {
      const { ETag } = await servers[0]!.put(`${n}`, "start");
      const { lock } = placeOf(root, Bucket, `${n}`);
      await symlink(dead, lock);
      // The killed process may have been breaking the lock of another killed process.
      if (n % 2) await symlink(await deadOwner(), `${lock}.${dead}`);
      await winnerOf(servers, (server, writer) => server.put(`${n}`, `by ${writer}`, { IfMatch: ETag }));
    }
    expect(await readdir(join(root, ".metadata/.locks"))).toEqual([]);
  });

  test("a process that starts does not disturb a PUT in progress in the other", async () => {
    const root = await temporaryRoot();
    const [one] = await serve(root, 1);
    const slow = new PassThrough();
    const putting = one!.put("slow", slow, { ContentLength: 2 });
    slow.write("x");
    while ((await readdir(join(root, ".metadata/.temporary"))).length === 0) await sleep(1);
    const [two] = await serve(root, 1);
    slow.end("y");
    await putting;
    expect((await two!.get("slow")).text).toBe("xy");
  });

  test("a PUT into a folder that the other process empties succeeds", async () => {
    const [one, two] = await serve(await temporaryRoot(), 2);
    const churn = async (server: Lake, key: string) => {
      for (let n = 0; n < 30; n++) {
        await server.put(key, "x", n % 2 ? { IfNoneMatch: "*" } : {});
        await server.remove(key);
      }
    };
    await Promise.all([churn(one!, "a/b/1"), churn(two!, "a/b/2"), churn(one!, "a/3"), churn(two!, "a/c/4")]);
  });
});

test("SIGKILL during many PUTs leaves complete objects with their metadata, including every acknowledged one", async () => {
  const root = await temporaryRoot();
  const acknowledged = new Map<string, number>();
  let version = 0;
  for (let round = 0; round < 6; round++) {
    const [server] = await serve(root, 1);
    let alive = true;
    let working = 8;
    const writer = async (key: string) => {
      while (alive) {
        const n = ++version;
        const body = randomBytes(n % 3 === 0 ? 100_000 : 50).toString("hex");
        const Metadata = { version: String(n), sha: createHash("sha256").update(body).digest("hex") };
        // Some keys are new each time, others are overwritten.
        if (key.startsWith("new/")) await server!.put(`${key}/${n}`, body, { Metadata, IfNoneMatch: "*" });
        else await server!.put(key, body, { Metadata });
        acknowledged.set(key.startsWith("new/") ? `${key}/${n}` : key, n);
      }
    };
    const writers = ["a", "b", "c", "d/e", "d/f", "new/1", "new/2", "new/3"].map((key) =>
      writer(key).catch(() => working--),
    );
    // Wait for work done, not for a time, so that the kill interrupts work on a slow computer as well.
    const enough = version + 25;
    while (version < enough && working > 0) await sleep(1);
    await sleep(Math.random() * 10);
    await server!.kill();
    alive = false;
    await Promise.all(writers);

    await using lake = await startLake({ root });
    expect(await readdir(join(root, ".metadata/.temporary"))).toEqual([]);
    expect(await readdir(join(root, ".metadata/.locks"))).toEqual([]);
    const keys = ((await lake.list()).Contents ?? []).map(({ Key }) => Key!);
    expect(keys).toEqual(expect.arrayContaining([...acknowledged.keys()]));
    for (const key of keys) {
      const { text, Metadata } = await lake.get(key);
      expect(Metadata?.sha, key).toBe(createHash("sha256").update(text).digest("hex"));
      expect(Number(Metadata?.version)).toBeGreaterThanOrEqual(acknowledged.get(key) ?? 0);
    }
  }
});

test("a folder is created even when its parents are removed at the same time", async () => {
  const root = await temporaryRoot();
  const churn = async (name: string) => {
    for (let n = 0; n < 200; n++) {
      await inFolder(join(root, "a/b", name), async () => {});
      for (const folder of [`a/b/${name}`, "a/b", "a"]) await rmdir(join(root, folder)).catch(() => {});
    }
  };
  await Promise.all(["1", "2", "3", "4", "5", "6"].map(churn));
});

describe("a lock", () => {
  async function lockPath(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "restlake-lock-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    return join(folder, "lock");
  }

  test("of a running process is waited for; after the timeout, the error names process and file", async () => {
    const path = await lockPath();
    await symlink(owner.replace(/\w+$/, "other"), path);
    const timedOut = withLock(path, async () => "done", 50);
    await expect(timedOut).rejects.toThrow(`lock ${path} is held by process ${process.pid} for more than 0.05 s: `);
    const waiting = withLock(path, async () => "done");
    await sleep(20);
    await rm(path);
    expect(await waiting).toBe("done");
  });

  test("is released when the work fails", async () => {
    const path = await lockPath();
    const failing = withLock(path, () => Promise.reject(new Error("no")));
    const next = withLock(path, () => readlink(path));
    await expect(failing).rejects.toThrow("no");
    expect(await next).toBe(owner);
    await expect(readlink(path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("is stale if its pid was reused by another process", async () => {
    expect(isAlive(owner)).toBe(true);
    expect(isAlive(await deadOwner())).toBe(false);
    const [, ...rest] = owner.split(".");
    expect(isAlive([process.ppid, ...rest].join("."))).toBe(process.platform !== "linux");
  });

  test.runIf(process.platform === "linux")("of a killed process that has not been reaped yet is stale", async () => {
    // The shell becomes `sleep`, which does not wait for the child it inherits.
    const parent = spawn("sh", ["-c", "sleep 3600 & echo $!; exec sleep 3600"]);
    onTestFinished(() => void parent.kill("SIGKILL"));
    const [pid] = await once(parent.stdout.setEncoding("utf8"), "data");
    const started = (await readFile(`/proc/${pid.trim()}/stat`, "utf8")).split(" ")[21];
    const name = `${pid.trim()}.${started}.0.x`;
    expect(isAlive(name)).toBe(true);
    process.kill(Number(pid), "SIGKILL");
    await until("the child is dead", () => !isAlive(name));
    expect(await readFile(`/proc/${pid.trim()}/stat`, "utf8")).toContain(" Z ");
  });
});
