import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import type { DaemonLog, LogFields } from "../../../src/log/daemon-log.ts";
import { LogFiles } from "../../../src/log/log-files.ts";
import { tempFolder } from "../../support/temp-folder.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const NEVER = { maxSize: Number.POSITIVE_INFINITY, keep: 4 };

function rig() {
  const folder = tempFolder();
  const clock = new VirtualClock();
  const logged: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void => {
      logged.push({ level, message, fields });
    };
  const log: DaemonLog = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), child: () => log };
  const files = new LogFiles({ log, clock });
  onTestFinished(() => files.close(1_000));
  const path = join(folder, "x.log");
  return {
    folder,
    path,
    clock,
    logged,
    files,
    join: (size: { maxSize: number; keep: number } = NEVER, onDrain = (): void => {}, file = path) =>
      files.joinFile(file, size, "g@s", onDrain),
    text: (file = path) => readFileSync(file, "utf8"),
    /** Files of the folder with what is in them, uncompressed. */
    parts: () =>
      Object.fromEntries(
        readdirSync(folder)
          .sort()
          .map((name) => {
            const bytes = readFileSync(join(folder, name));
            return [name, (name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString()];
          }),
      ),
  };
}

async function until(holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error("10 seconds went by");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const bytes = (text: string): Buffer => Buffer.from(text);

test("N91: a log file has every byte of both streams as it was printed, in the order in which it came", async () => {
  const r = rig();
  const source = r.join();
  const raw = Buffer.from([0xff, 0x00, 0x0d, 0x0a, 0x80, 0x0a]);
  source.write("stdout", bytes("one\n"));
  source.write("stderr", raw);
  source.write("stdout", bytes("no end"));
  source.end();
  await r.files.close(1_000);
  expect(readFileSync(r.path)).toEqual(Buffer.concat([bytes("one\n"), raw, bytes("no end")]));
});

test("a log file is appended to", async () => {
  const r = rig();
  writeFileSync(r.path, "before\n");
  r.join().write("stdout", bytes("after\n"));
  await r.files.close(1_000);
  expect(r.text()).toBe("before\nafter\n");
});

test("only its owner and group may read a new log file", async () => {
  const r = rig();
  r.join().write("stdout", bytes("x\n"));
  await r.files.close(1_000);
  expect(statSync(r.path).mode & 0o007).toBe(0);
});

test("who prints nothing leaves no file behind", async () => {
  const r = rig();
  r.join().end();
  await r.files.close(1_000);
  expect(readdirSync(r.folder)).toEqual([]);
});

test("folders that are missing are made", async () => {
  const r = rig();
  const file = join(r.folder, "a/b/x.log");
  r.join(NEVER, () => {}, file).write("stdout", bytes("x\n"));
  await r.files.close(1_000);
  expect(r.text(file)).toBe("x\n");
});

test("whoever prints faster than the disk takes is told to wait, and goes on when it has caught up; not a byte is lost", async () => {
  const r = rig();
  let drained = 0;
  const source = r.join(NEVER, () => drained++);
  const chunk = Buffer.alloc(64 * 1_024, "x");
  let went = 0;
  while (source.write("stdout", chunk)) went++;
  expect(went).toBe(16);
  expect(source.write("stdout", chunk)).toBe(false);
  await until(() => drained > 0);
  expect(drained).toBe(1);
  expect(source.write("stdout", chunk)).toBe(true);
  await r.files.close(1_000);
  expect(readFileSync(r.path).length).toBe(19 * chunk.length);
});

test("a file that cannot be written is told of once, with what would be right, and holds up nobody", async () => {
  const r = rig();
  const file = "/dev/full";
  const source = r.join(NEVER, () => {}, file);
  source.write("stdout", bytes("x\n"));
  await until(() => r.logged.length > 0);
  for (let i = 0; i < 100; i++) expect(source.write("stdout", Buffer.alloc(64 * 1_024))).toBe(true);
  r.clock.advance(5_000);
  await new Promise((resolve) => setImmediate(resolve));
  expect(r.logged).toMatchObject([
    {
      level: "error",
      fields: { service: "g@s", path: file, err: { code: "ENOSPC" }, hint: "make room on its file system" },
      message: "the log file cannot be written; the service goes on",
    },
  ]);
});

test("a folder that no file system takes is told of like any other trouble, and nothing tries for ever", async () => {
  const r = rig();
  const source = r.join(NEVER, undefined, "/proc/none/of/this/x.log");
  source.write("stdout", bytes("gone\n"));
  await until(() => r.logged.length > 0);
  source.end();
  await r.files.close(10_000);
  expect(r.logged).toMatchObject([
    { level: "error", fields: { service: "g@s" }, message: "the log file cannot be written; the service goes on" },
    { fields: { lost: 5 }, message: "output did not reach the log file" },
  ]);
});

test("a file that can be written again gets what waited, and what found no room is counted", async () => {
  const r = rig();
  const folder = join(r.folder, "later");
  writeFileSync(folder, "no folder");
  const file = join(folder, "x.log");
  const source = r.join(NEVER, () => {}, file);
  source.write("stdout", bytes("kept\n"));
  await until(() => r.logged.length > 0);
  const chunk = Buffer.alloc(1_024 * 1_024);
  for (let i = 0; i < 3; i++) source.write("stdout", chunk);
  rmSync(folder);
  r.clock.advance(5_000);
  await until(() => r.logged.length > 1);
  expect(r.logged[1]).toMatchObject({ level: "warn", fields: { service: "g@s", path: file, lost: 2 * chunk.length } });
  source.write("stdout", bytes("again\n"));
  await r.files.close(1_000);
  const written = readFileSync(file);
  expect(written.length).toBe(chunk.length + 11);
  expect(written.subarray(0, 5).toString()).toBe("kept\n");
  expect(written.subarray(-6).toString()).toBe("again\n");
});

test("what could not be written up to the end is said to be lost", async () => {
  const r = rig();
  const source = r.join(NEVER, () => {}, "/dev/full");
  source.write("stdout", bytes("12345\n"));
  source.end();
  await r.files.close(1_000);
  expect(r.logged.at(-1)).toMatchObject({ fields: { service: "g@s", lost: 6 }, message: "output did not reach the log file" });
});

test("a process that has ended is not waited for by a disk that stays full", async () => {
  const r = rig();
  const source = r.join(NEVER, () => {}, "/dev/full");
  source.write("stdout", bytes("12345\n"));
  await until(() => r.logged.length > 0);
  source.end();
  r.clock.advance(5_000);
  await until(() => r.logged.length > 1);
  expect(r.logged[1]).toMatchObject({ fields: { lost: 6 }, message: "output did not reach the log file" });
  expect(r.clock.pending).toBe(0);
});

test("a pipe that nobody reads is no file, and hangs nothing", async () => {
  const r = rig();
  execFileSync("sh", ["-c", 'mkfifo "$0"', r.path]);
  r.join().write("stdout", bytes("x\n"));
  await until(() => r.logged.length > 0);
  expect(r.logged[0]?.fields).toMatchObject({ err: { code: "ENXIO" }, hint: "it is a pipe that nobody reads" });
});

test("a file is rotated at the end of the line with which it passes its size", async () => {
  const r = rig();
  const source = r.join({ maxSize: 10, keep: 3 });
  source.write("stdout", bytes("1234567\n89abc\nx\n"));
  await until(() => existsSync(`${r.path}.1.gz`) && !existsSync(`${r.path}.1`) && existsSync(r.path));
  expect(r.parts()).toEqual({ "x.log": "x\n", "x.log.1.gz": "1234567\n89abc\n" });
});

test("a file is not rotated in the middle of a line that is still being printed", async () => {
  const r = rig();
  const source = r.join({ maxSize: 4, keep: 3 });
  source.write("stdout", bytes("123456"));
  await until(() => existsSync(r.path) && r.text() === "123456");
  source.write("stdout", bytes("78\nx"));
  await r.files.close(1_000);
  expect(Object.values(r.parts())).toEqual(["x", "12345678\n"]);
});

test("a file that reaches its size exactly is rotated too", async () => {
  const r = rig();
  r.join({ maxSize: 4, keep: 3 }).write("stdout", bytes("abc\n"));
  await until(() => existsSync(`${r.path}.1.gz`) && !existsSync(`${r.path}.1`));
  expect(r.parts()).toEqual({ "x.log.1.gz": "abc\n" });
});

test("a line without an end does not keep a file from being rotated", async () => {
  const r = rig();
  const source = r.join({ maxSize: 1_000, keep: 9 });
  source.write("stdout", Buffer.alloc(200_000, "x"));
  await r.files.close(1_000);
  expect(readdirSync(r.folder).length).toBeGreaterThan(2);
  const all = Object.values(r.parts()).join("");
  expect(all.length).toBe(200_000);
});

test("no more than keep older parts are kept, the newest as .1", async () => {
  const r = rig();
  const source = r.join({ maxSize: 4, keep: 2 });
  for (const text of ["one\n", "two\n", "three\n", "four\n"]) {
    source.write("stdout", bytes(text));
    await until(() => !existsSync(r.path) || r.text() === "");
    await until(
      () => !existsSync(`${r.path}.1`) && existsSync(`${r.path}.1.gz`) && gunzipSync(readFileSync(`${r.path}.1.gz`)).equals(bytes(text)),
    );
  }
  expect(r.parts()).toEqual({ "x.log.1.gz": "four\n", "x.log.2.gz": "three\n" });
});

test("with keep = 0 the older part is dropped", async () => {
  const r = rig();
  const source = r.join({ maxSize: 4, keep: 0 });
  source.write("stdout", bytes("one\ntwo\nx"));
  await r.files.close(1_000);
  expect(r.parts()).toEqual({ "x.log": "x" });
});

test("however fast it goes, parts and file together have every byte in order as far as keep reaches", async () => {
  const r = rig();
  const source = r.join({ maxSize: 100_000, keep: 50 });
  const lines = Array.from({ length: 40_000 }, (_, i) => `line ${i} of a service that prints fast\n`);
  for (let i = 0; i < lines.length; i += 500) {
    source.write("stdout", bytes(lines.slice(i, i + 500).join("")));
    if (i % 5_000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await r.files.close(10_000);
  const parts = r.parts();
  const order = Object.keys(parts).sort((a, b) => number(b) - number(a));
  expect(order.length).toBeGreaterThan(10);
  expect(order.map((name) => parts[name]).join("")).toBe(lines.join(""));
});

test("a part that a crash left uncompressed is compressed by the next run, and half a .gz is no part", async () => {
  const r = rig();
  writeFileSync(`${r.path}.1`, "left\n");
  writeFileSync(`${r.path}.2.gz`, gzipSync("older\n"));
  writeFileSync(`${r.path}.gz.part`, "ha");
  r.join({ maxSize: 1_000, keep: 4 }).write("stdout", bytes("now\n"));
  await until(() => !existsSync(`${r.path}.1`) && !existsSync(`${r.path}.gz.part`) && existsSync(r.path));
  expect(r.parts()).toEqual({ "x.log": "now\n", "x.log.1.gz": "left\n", "x.log.2.gz": "older\n" });
});

test("files of others with a name that begins alike are left alone", async () => {
  const r = rig();
  for (const name of ["x.log.20260101", "x.log.1.bak", "x.log.9.gz"])
    writeFileSync(join(r.folder, name), name.endsWith(".gz") ? gzipSync("9") : "");
  const source = r.join({ maxSize: 4, keep: 2 });
  source.write("stdout", bytes("one\n"));
  await until(() => existsSync(`${r.path}.1.gz`) && !existsSync(`${r.path}.1`));
  expect(Object.keys(r.parts())).toEqual(["x.log.1.bak", "x.log.1.gz", "x.log.20260101", "x.log.9.gz"]);
});

test("a file that cannot be rotated grows on, and that is told once", async () => {
  const r = rig();
  // no file can take the place of a folder that is not empty
  mkdirSync(`${r.path}.1/full`, { recursive: true });
  mkdirSync(`${r.path}.2/full`, { recursive: true });
  const source = r.join({ maxSize: 4, keep: 2 });
  for (const text of ["one\n", "two\n", "three\n"]) source.write("stdout", bytes(text));
  await r.files.close(1_000);
  expect(r.text()).toBe("one\ntwo\nthree\n");
  expect(r.logged.length).toBe(1);
  expect(r.logged[0]).toMatchObject({ level: "error", fields: { service: "g@s" } });
});

test("services that share a file do not tear each other's lines", async () => {
  const r = rig();
  const a = r.join();
  const b = r.join();
  a.write("stdout", bytes("a1\na"));
  b.write("stdout", bytes("b1\nb"));
  a.write("stdout", bytes("2\na3"));
  b.write("stdout", bytes("2\n"));
  a.write("stdout", bytes("\n"));
  await r.files.close(1_000);
  expect(r.text().split("\n").sort()).toEqual(["", "a1", "a2", "a3", "b1", "b2"]);
});

test("the file of a service that goes on to another process is opened anew: a new link is followed", async () => {
  const r = rig();
  symlinkSync(join(r.folder, "one"), r.path);
  const first = r.join();
  first.write("stdout", bytes("1\n"));
  first.end();
  await until(() => existsSync(join(r.folder, "one")) && r.text(join(r.folder, "one")) === "1\n");
  await new Promise((resolve) => setTimeout(resolve, 20));
  rmSync(r.path);
  symlinkSync(join(r.folder, "two"), r.path);
  r.join().write("stdout", bytes("2\n"));
  await r.files.close(1_000);
  expect(r.text(join(r.folder, "two"))).toBe("2\n");
});

test("000-15: each run writes below the smallest logs-<n> that is free", async () => {
  const r = rig();
  const parent = join(r.folder, "nimi_logs");
  for (const n of [0, 1, 3]) mkdirSync(join(parent, `logs-${n}`), { recursive: true });
  r.files.joinRun(parent, "g@s.txt", "g@s", () => {}).write("stdout", bytes("x\n"));
  r.files.joinRun(parent, "g@t.txt", "g@t", () => {}).write("stderr", bytes("y\n"));
  await r.files.close(1_000);
  expect(readdirSync(parent).sort()).toEqual(["logs-0", "logs-1", "logs-2", "logs-3"]);
  expect(readdirSync(join(parent, "logs-2")).sort()).toEqual(["g@s.txt", "g@t.txt"]);
});

test("two daemons at once never share a folder", async () => {
  const parent = join(tempFolder(), "logs");
  const rigs = Array.from({ length: 8 }, () => rig());
  for (const { files } of rigs) files.joinRun(parent, "g@s.txt", "g@s", () => {}).write("stdout", bytes("x\n"));
  await Promise.all(rigs.map(({ files }) => files.close(1_000)));
  expect(readdirSync(parent).length).toBe(8);
  for (const name of readdirSync(parent)) expect(readFileSync(join(parent, name, "g@s.txt"), "utf8")).toBe("x\n");
});

test("000-17: no folder is made before something is logged", async () => {
  const r = rig();
  const parent = join(r.folder, "nimi_logs");
  r.files.joinRun(parent, "g@s.txt", "g@s", () => {}).end();
  await r.files.close(1_000);
  expect(existsSync(parent)).toBe(false);
});

/** Where in time a part stands: the greater, the older. */
function number(name: string): number {
  return Number(/\.log\.(\d+)/.exec(name)?.[1] ?? 0);
}
