import { spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findProgram } from "../../src/process/find-program.ts";
import { openNotifySocket } from "../../src/process/notify-socket.ts";
import type { Datagram } from "../../src/process/sys.ts";
import { buildsSends } from "../support/sends.ts";
import { tempFolder } from "../support/temp-folder.ts";

const SENDS = buildsSends();

interface Sent {
  readonly pid: number | undefined;
  readonly code: number | null;
}

function send(...args: readonly string[]): Promise<Sent> {
  return new Promise((resolve) => {
    const child = spawn(SENDS, args, { stdio: ["ignore", "inherit", "inherit"] });
    child.once("exit", (code) => resolve({ pid: child.pid, code }));
  });
}

function open(onMessage: (message: Datagram) => void = () => {}) {
  const path = join(tempFolder(), "notify");
  const got: Datagram[] = [];
  const opened = openNotifySocket({
    path,
    onMessage: (message) => {
      got.push(message);
      onMessage(message);
    },
  });
  if ("failure" in opened) throw new Error(opened.failure);
  onTestFinished(() => opened.close());
  return { path, got, close: () => opened.close(), texts: () => got.map(({ bytes }) => bytes.toString()) };
}

test("a datagram comes with its sender as the kernel knows it", async () => {
  const { path, got } = open();
  const { pid } = await send(path, "text", "READY=1\nSTATUS=fine");
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(1);
  expect(got).toEqual([
    { pid, uid: process.getuid?.(), gid: process.getgid?.(), bytes: Buffer.from("READY=1\nSTATUS=fine"), truncated: false },
  ]);
});

test("N47: empty, garbled and oversized datagrams come through, and the next one as well", async () => {
  const { path, got, texts } = open();
  await send(path, "text", "", "=VALUE", "\xff\x01", "");
  await send(path, "size", "100000");
  await send(path, "text", "READY=1");
  await expect.poll(() => texts().at(-1), { timeout: 10_000 }).toBe("READY=1");
  expect(got.map(({ bytes, truncated }) => [bytes.length, truncated])).toEqual([
    [0, false],
    [6, false],
    [3, false],
    [0, false],
    [65_536, true],
    [7, false],
  ]);
});

test("50,000 datagrams arrive, each once and in order", { timeout: 60_000 }, async () => {
  const { path, got, texts } = open();
  expect((await send(path, "count", "50000")).code).toBe(0);
  await expect.poll(() => got.length, { timeout: 30_000 }).toBe(50_000);
  expect(texts().every((text, index) => text === String(index))).toBe(true);
});

test("what floods one socket does not hold up another, nor the rest of the daemon", { timeout: 60_000 }, async () => {
  const flooded = open();
  const calm = open();
  const flood = send(flooded.path, "count", "50000");
  await expect.poll(() => flooded.got.length, { timeout: 10_000 }).toBeGreaterThan(0);
  await send(calm.path, "text", "READY=1");
  await expect.poll(() => calm.texts(), { timeout: 10_000 }).toEqual(["READY=1"]);
  expect(flooded.got.length).toBeLessThan(50_000);
  await flood;
});

test("descriptors that come along are closed, which tells the sender that it was heard", async () => {
  const { path, got } = open();
  const before = readdirSync("/proc/self/fd").length;
  expect((await send(path, "barrier", "1")).code).toBe(0);
  expect((await send(path, "barrier", "253")).code).toBe(0);
  await expect.poll(() => got.length, { timeout: 10_000 }).toBe(2);
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});

const NOTIFY = findProgram("systemd-notify", process.env["PATH"], "/");

test.skipIf(!NOTIFY.ok)("N46: systemd-notify succeeds and is heard (needs the program, of Debian's package systemd)", async () => {
  const { path, texts } = open();
  const child = spawn("systemd-notify", ["--ready", "--status=here"], { env: { ...process.env, NOTIFY_SOCKET: path }, stdio: "inherit" });
  const code = await new Promise((resolve) => child.once("exit", resolve));
  expect(code).toBe(0);
  expect(texts().join("\n")).toContain("READY=1");
  expect(texts().join("\n")).toContain("STATUS=here");
});

test("a hundred sockets, and each hears its own", async () => {
  const sockets = Array.from({ length: 100 }, () => open());
  for (const [index, { path }] of sockets.entries()) await send(path, "text", `READY=${index}`);
  await expect.poll(() => sockets.every(({ got }) => got.length === 1), { timeout: 10_000 }).toBe(true);
  expect(sockets.every(({ texts }, index) => texts()[0] === `READY=${index}`)).toBe(true);
});

test("a socket that is closed inside of a message delivers no more, and its file is gone", async () => {
  const socket = open(() => socket.close());
  await send(socket.path, "text", "one", "two");
  await expect.poll(() => socket.got.length, { timeout: 10_000 }).toBe(1);
  expect(existsSync(socket.path)).toBe(false);
  const calm = open();
  await send(calm.path, "text", "READY=1");
  await expect.poll(() => calm.texts(), { timeout: 10_000 }).toEqual(["READY=1"]);
  expect(socket.texts()).toEqual(["one"]);
});

test("a socket that a dead daemon has left is replaced; what is no socket is not", () => {
  const { path } = open();
  const second = openNotifySocket({ path, onMessage: () => {} });
  expect("failure" in second).toBe(false);
  if (!("failure" in second)) second.close();
  const file = join(tempFolder(), "file");
  writeFileSync(file, "kept");
  expect(openNotifySocket({ path: file, onMessage: () => {} })).toEqual({ failure: `the socket ${file} cannot be made: bind: EADDRINUSE` });
});

test("a path too long for a socket is told as such", () => {
  const path = `${tempFolder()}/${"é".repeat(50)}`;
  const opened = openNotifySocket({ path, onMessage: () => {} });
  expect(opened).toEqual({ failure: `the path ${path} has ${Buffer.byteLength(path)} bytes; that of a socket may have 107` });
});
