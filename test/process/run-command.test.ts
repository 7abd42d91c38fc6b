import { join } from "node:path";
import { expect, test } from "vitest";
import { type Command, type CommandResult, runCommand } from "../../src/process/run-command.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { lives } from "../support/lives.ts";

const PROGRAMS = join(import.meta.dirname, "../support/programs");

function run(script: string, change: Partial<Command> = {}): Promise<CommandResult> {
  const env = { PATH: process.env["PATH"] ?? "" };
  return runCommand({
    owner: "on-start of web@api",
    program: "sh",
    args: ["-c", script],
    env,
    cwd: PROGRAMS,
    timeoutMs: 20_000,
    maxOutput: 1_000,
    ...change,
  });
}

test("a command gives its exit and what it printed on stdout", async () => {
  expect(await run("echo one; echo two; echo aside >&2; exit 4")).toEqual({
    exit: { kind: "code", code: 4 },
    timedOut: false,
    stdout: "one\ntwo\n",
    truncated: false,
  });
});

test("lines of both streams are told as they come", async () => {
  const lines: string[] = [];
  await run("echo out; echo err >&2; printf unfinished", { onLine: (stream, line) => lines.push(`${stream} ${line}`) });
  expect(lines.toSorted()).toEqual(["stderr err", "stdout out", "stdout unfinished"]);
});

test("a command that is out of time is killed with all it started", async () => {
  const result = await run("sleep 300 & echo $!; wait", { timeoutMs: 100 });
  expect(result).toMatchObject({ exit: { kind: "killed", by: "SIGKILL" }, timedOut: true });
  await expect.poll(() => lives(result.stdout), { timeout: 10_000 }).toBe(false);
});

test("a command that ignores the request to end is out of time all the same", async () => {
  expect(await run("exec ./ignores-term.sh", { timeoutMs: 100 })).toMatchObject({ timedOut: true, stdout: "ready\n" });
});

test("what a command leaves behind in its group is killed at its end", async () => {
  const { exit, stdout } = await run("./double-forks.sh hold");
  expect(exit).toEqual({ kind: "code", code: 0 });
  await expect.poll(() => lives(stdout), { timeout: 10_000 }).toBe(false);
});

test("who has left the group with the output in its hands is killed at the end as well", async () => {
  const { exit, stdout } = await run("setsid sh -c 'echo $$; exec sleep 300' & read x < /dev/null; sleep 0.1; echo done");
  const [pid, word] = stdout.split("\n");
  expect({ exit, word }).toEqual({ exit: { kind: "code", code: 0 }, word: "done" });
  await expect.poll(() => lives(pid), { timeout: 10_000 }).toBe(false);
});

test("N56: a command that is out of time takes with it what it started in sessions and groups of their own", async () => {
  const script =
    'echo $$; setsid sh -c "echo \\$\\$; exec sleep 300" & (setsid sh -c "echo \\$\\$; exec sleep 300" &); set -m; sleep 300 & echo $!; wait';
  const { timedOut, stdout } = await run(script, { timeoutMs: 500 });
  const pids = stdout.trim().split("\n");
  expect({ timedOut, started: pids.length }).toEqual({ timedOut: true, started: 4 });
  await expect.poll(() => pids.filter(lives), { timeout: 10_000 }).toEqual([]);
});

test("more output than is kept is read and dropped", async () => {
  const { exit, stdout, truncated } = await run(`exec "${process.execPath}" ./floods.mjs 20000`, { maxOutput: 10 });
  expect({ exit, stdout, truncated }).toEqual({ exit: { kind: "code", code: 0 }, stdout: "line 0 xxx", truncated: true });
});

test("an abort kills the command, also one that came before its start", async () => {
  const abort = new AbortController();
  const result = run("echo up; sleep 300", { abort: abort.signal, onLine: () => abort.abort() });
  expect(await result).toMatchObject({ exit: { kind: "killed", by: "SIGKILL" }, timedOut: false, stdout: "up\n" });
  expect(await run("sleep 300", { abort: abort.signal })).toMatchObject({ exit: { kind: "killed", by: "SIGKILL" } });
});

test("a command that cannot be started says why, and has no exit", async () => {
  const { exit, failure } = await run("", { program: "/no/such/program" });
  expect({ exit, failure }).toEqual({ exit: undefined, failure: { kind: "not-found", message: "there is no program /no/such/program" } });
});

test.skipIf(!IS_ROOT)(
  "a command runs as the user that it is given, with all groups, and is killed with all it started when its time is over",
  async () => {
    const identity = { uid: 65_534, gid: 65_534, groups: [65_534, 4_242] };
    const result = await run("id -u; id -G; sleep 300 & echo $!; wait", { identity, cwd: "/", timeoutMs: 300 });
    expect(result).toMatchObject({ exit: { kind: "killed", by: "SIGKILL" }, timedOut: true });
    const [uid, groups, child] = result.stdout.split("\n");
    expect([uid, groups]).toEqual(["65534", "65534 4242"]);
    await expect.poll(() => lives(child), { timeout: 10_000 }).toBe(false);
  },
);
