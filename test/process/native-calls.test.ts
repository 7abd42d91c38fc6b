import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { IS_ROOT } from "../support/is-root.ts";
import { nativeProgram } from "../support/native-program.ts";
import { inNamespace } from "../support/pid-namespace.ts";

const run = promisify(execFile);

let folder: string;
let program: string;

beforeEach(async () => {
  ({ folder, program } = await nativeProgram("native-calls.ts"));
});

const linesOf = (text: string): string[] => text.trim().split("\n");

describe.skipIf(!IS_ROOT)("in namespaces (skipped where the tests do not run as root)", () => {
  async function called(word: string, ...args: readonly string[]): Promise<string[]> {
    const namespace = inNamespace([process.execPath, program, word, ...args]);
    expect(await namespace.ended).toBe(0);
    return linesOf(namespace.out());
  }

  test("a file system is mounted with its flags and data, remounted and unmounted; a refusal says why", async () => {
    const target = join(folder, "target");
    mkdirSync(target);
    const [mounted, ...rest] = await called("mount", target);
    expect(mounted).toMatch(new RegExp(`^of-test ${target} tmpfs rw,nosuid,relatime,size=64k,mode=710`));
    expect(rest).toEqual(["EROFS", "nothing", "EINVAL", "ENODEV", "ENOENT"]);
  });

  test("the machine gets its name", async () => {
    expect(await called("hostname")).toEqual(["of-test.example"]);
  });

  test("an interface is brought up, one that is not there refused", async () => {
    const [before = "", after = "", ...rest] = await called("interface");
    expect([Number(before) & 1, Number(after) & 1, rest[0]]).toEqual([0, 1, "ENODEV"]);
    expect(rest[1]).toMatch(/at most 15 bytes/);
  });

  test("a signal to all reaches all but the sender, and says when there is nobody", async () => {
    expect(await called("kill")).toEqual(["true", '["SIGKILL","SIGKILL","SIGKILL"]', "false"]);
  });

  // What reboot(2) does to a PID namespace: its PID 1 ends as by this signal.
  test.each([
    ["reboot", 129],
    ["poweroff", 130],
  ])("%s ends the machine", async (word, ended) => {
    expect(await inNamespace([process.execPath, program, word]).ended).toBe(ended);
  });
});

test("a process becomes another program under its pid, with arguments, environment and defaults for all signals; a refusal leaves it as it was", async () => {
  const { stdout } = await run(process.execPath, [program, "exec"]);
  const [pid, refused, ignored, ...rest] = linesOf(stdout);
  // Node ignores SIGPIPE.
  expect([refused, Number.parseInt(ignored ?? "", 16) & 0x10_00]).toEqual(["ENOENT", 0x10_00]);
  expect(rest).toEqual([
    `${pid} x b c  y`,
    "SigBlk:\t0000000000000000",
    "SigIgn:\t0000000000000000",
    expect.stringMatching(/^SigCgt:\t\w+$/),
  ]);
});

test("a program can be run that is in no folder", async () => {
  const { stdout } = await run(process.execPath, [program, "memory"]);
  expect(stdout).toBe("from memory\n");
});

test.skipIf(!IS_ROOT)("a daemon that is not root starts nobody as another user, and itself as itself", async () => {
  const drop = ["--reuid=65534", "--regid=65534", "--clear-groups"];
  const { stdout } = await run("setpriv", [...drop, process.execPath, program, "identity"]);
  expect(linesOf(stdout)).toEqual([
    "not-permitted: it may not run as uid 12345: run the daemon as root, or leave out who it runs as",
    "launched",
    '{"kind":"code","code":4}',
  ]);
});

test.skipIf(!IS_ROOT)("to start somebody as another user leaves the daemon as it was: it may be looked at and dumped", async () => {
  const { stdout } = await run("setpriv", ["--regid=65533", "--clear-groups", process.execPath, program, "owner"]);
  expect(linesOf(stdout)[0]).toBe("launched 65533 65533");
});

test("its sum of bytes is that of node:zlib", () => {
  const holder: { exports: { crc32?: (bytes: Uint8Array) => number } } = { exports: {} };
  process.dlopen(holder, join(folder, "sys.node"));
  const bytes = randomBytes(100_003);
  for (let length = 0; length < 40; length++) {
    const part = bytes.subarray(length, 2 * length);
    expect(holder.exports.crc32?.(part)).toBe(crc32(part));
  }
  expect(holder.exports.crc32?.(bytes)).toBe(crc32(bytes));
  expect(() => holder.exports.crc32?.("text" as never)).toThrow("crc32(Uint8Array)");
});

test("the native part asks for nothing but what Node has", async () => {
  const { stdout } = await run("nm", ["--dynamic", "--undefined-only", join(folder, "sys.node")]);
  expect(
    linesOf(stdout)
      .map((line) => line.trim().split(" ").at(-1))
      .filter((name) => !/^(napi|uv)_/.test(name ?? "")),
  ).toEqual([]);
});
