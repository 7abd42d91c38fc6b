import { chmodSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readProcStat } from "../../src/lib/proc.ts";
import { LineSplitter } from "../../src/log/line-splitter.ts";
import type { Exit } from "../../src/model/exit.ts";
import { MAX_STRING_BYTES } from "../../src/process/plan-flaw.ts";
import { gone, LAUNCHERS, launching, plan, PROGRAMS } from "../support/launch.ts";
import { lives } from "../support/lives.ts";
import { tempFolder } from "../support/temp-folder.ts";

const FLOODS = join(PROGRAMS, "floods.mjs");

describe.each(Object.entries(LAUNCHERS))("by the %s launcher", (_, launcher) => {
  const { launch, refusal } = launching(launcher);

  test("a program runs with the arguments, folder and environment of its plan, and its mark, and with nothing else", async () => {
    const cwd = tempFolder();
    const { exited, ended, out, order } = launch({
      program: "/bin/sh",
      args: ["-c", 'pwd; env -i "$@" true; /usr/bin/env', "sh", "A B="],
      cwd,
      env: { ONLY: "this one" },
    });
    expect(await exited).toEqual({ kind: "code", code: 0 });
    await ended;
    // A shell adds variables of its own.
    const own = out().filter((line) => !/^(_|PWD|OLDPWD|SHLVL)=/.test(line));
    expect(own.toSorted()).toEqual([cwd, "ONLY=this one", expect.stringMatching(/^RIND_RUN=\w+-\w+-\d+$/)]);
    expect(order).not.toContain("too early");
  });

  test("the exit code, or the signal that ended it, is told", async () => {
    expect(await launch({ args: ["-c", "exit 7"] }).exited).toEqual({ kind: "code", code: 7 });
    expect(await launch({ args: ["-c", "kill -USR1 $$"] }).exited).toEqual({ kind: "killed", by: "SIGUSR1" });
  });

  test("stdin is empty, or the file of the plan", async () => {
    const empty = launch({ program: "cat" });
    const file = join(tempFolder(), "in");
    writeFileSync(file, "from a file\n");
    const full = launch({ program: "cat", stdin: file });
    await Promise.all([empty.ended, full.ended]);
    expect({ empty: empty.out(), full: full.out() }).toEqual({ empty: [], full: ["from a file"] });
  });

  test("a launch leaves no descriptor open in the daemon, whether it succeeds or not", async () => {
    const stdin = join(tempFolder(), "in");
    writeFileSync(stdin, "");
    await launch({ program: "cat", stdin }).ended;
    const before = readdirSync("/proc/self/fd").length;
    for (let i = 0; i < 10; i++) {
      await launch({ program: "cat", stdin }).ended;
      await refusal({ program: "no-such-program", stdin });
      await refusal({ args: new Array<string>(30).fill("x".repeat(100_000)), stdin });
    }
    await expect.poll(() => readdirSync("/proc/self/fd").length, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  });

  test("a process has every signal at its default and unblocked, whatever the daemon does with it", async () => {
    const ignore = (): void => {};
    process.on("SIGUSR1", ignore);
    onTestFinished(() => void process.off("SIGUSR1", ignore));
    const { out, ended } = launch({ program: "grep", args: ["-E", "^(Shd|Sig)(Pnd|Blk|Ign)", "/proc/self/status"] });
    await ended;
    expect(out()).toEqual(["SigPnd", "ShdPnd", "SigBlk", "SigIgn"].map((name) => `${name}:\t0000000000000000`));
  });

  test("a process has a session and a group of its own, which a signal reaches whole", async () => {
    const { handle, exited, ended, out, line } = launch({ args: ["-c", "sleep 300 & echo $!; echo up; wait"] });
    await line("up");
    const child = Number(out()[0]);
    expect(readProcStat(child)?.group).toBe(handle.pid);
    expect(readProcStat(process.pid)?.group).not.toBe(handle.pid);

    expect(handle.signal("SIGTERM")).toBe(true);
    expect(await exited).toEqual({ kind: "killed", by: "SIGTERM" });
    await Promise.all([ended, gone(handle)]);
    expect(lives(child)).toBe(false);
  });

  test("a signal to the main process alone leaves its children in peace", async () => {
    const { handle, exited, out, line } = launch({ args: ["-c", "sleep 300 & echo $!; echo up; wait"] });
    await line("up");
    expect(handle.signalMain("SIGTERM")).toBe(true);
    await exited;
    expect(handle.alive()).toBe(true);
    expect(lives(out()[0])).toBe(true);
    expect(handle.signalMain("SIGTERM")).toBe(false);
  });

  test("a stop that is ignored becomes a kill", async () => {
    const { handle, exited, line } = launch({ program: "./ignores-term.sh" });
    await line("ready");
    handle.signal("SIGTERM");
    await line("ignored");
    expect(handle.alive()).toBe(true);
    handle.signal("SIGKILL");
    expect(await exited).toEqual({ kind: "killed", by: "SIGKILL" });
  });

  test("the end is told though a grandchild holds the output, and what is left is seen until it has gone", async () => {
    const { handle, exited, order, ended, out } = launch({ program: "./double-forks.sh", args: ["hold"] });
    expect(await exited).toEqual({ kind: "code", code: 0 });
    expect(order).toEqual(["exited"]);
    expect(handle.alive()).toBe(true);

    const left = gone(handle);
    expect(handle.signal("SIGTERM")).toBe(true);
    await Promise.all([left, ended]);
    expect(order).toEqual(["exited", "output ended"]);
    expect(handle.alive()).toBe(false);
    expect(out()).toHaveLength(1);
  });

  test("what a grandchild prints after the end still comes", async () => {
    const { exited, ended, out, order } = launch({ args: ["-c", "(read x < /dev/null; sleep 0.1; echo late) & exit 3"] });
    expect(await exited).toEqual({ kind: "code", code: 3 });
    await ended;
    expect(out()).toEqual(["late"]);
    expect(order).toEqual(["exited", "output ended"]);
  });

  test("a process that closes its output goes on", async () => {
    const { handle, ended, order, exited } = launch({ args: ["-c", "exec >&- 2>&-; exec sleep 300"] });
    await ended;
    expect(order).toEqual(["output ended"]);
    expect(handle.alive()).toBe(true);
    handle.signal("SIGKILL");
    await exited;
  });

  test("a program may open its output by name", async () => {
    const { exited, ended, out } = launch({ args: ["-c", "echo one > /dev/stdout; echo two > /dev/stderr; echo three > /proc/self/fd/1"] });
    expect(await exited).toEqual({ kind: "code", code: 0 });
    await ended;
    expect(out()).toEqual(["one", "three"]);
  });

  test.skipIf(process.getuid?.() !== 0)("so may one that has become another user", async () => {
    const drop = ["--reuid=65534", "--regid=65534", "--clear-groups", "sh", "-c", "echo one > /dev/stdout"];
    const { exited, ended, out } = launch({ program: "setpriv", args: drop, env: { PATH: process.env["PATH"] ?? "" } });
    expect(await exited).toEqual({ kind: "code", code: 0 });
    await ended;
    expect(out()).toEqual(["one"]);
  });

  test("the output has ended only when both streams have", async () => {
    const script = "trap 'echo again >&2' USR1; exec >&-; echo still >&2; while :; do sleep 0.02; done";
    const { handle, line, order, ended } = launch({ args: ["-c", script] });
    await line("still");
    const again = line("again");
    handle.signalMain("SIGUSR1");
    await again;
    expect(order).toEqual([]);
    handle.signal("SIGKILL");
    await ended;
  });

  test("nothing is sent to a group that was found empty: its number may be another's", async () => {
    const { handle, exited } = launch({ program: "true" });
    await exited;
    expect(handle.signal("SIGTERM")).toBe(false);
    expect(handle.alive()).toBe(false);
  });

  test("zombies do not count as living", async () => {
    // The parent of `true` never waits for it; killed, that parent is a zombie too, as long as nobody reaps it.
    const { handle, exited, line, out } = launch({ args: ["-c", "sh -c 'echo $$; true & echo up; exec sleep 300' & wait"] });
    await line("up");
    const parent = Number(out()[0]);
    await expect
      .poll(() =>
        handle
          .living()
          .map(({ name }) => name)
          .toSorted(),
      )
      .toEqual(["sh", "sleep"]);
    process.kill(parent, "SIGKILL");
    handle.signal("SIGKILL");
    await exited;
    await gone(handle);
    expect({ alive: handle.alive(), living: handle.living(), signalled: handle.signal("SIGCONT") }).toEqual({
      alive: false,
      living: [],
      signalled: false,
    });
  });

  test("bytes that are no UTF-8 arrive as they were printed", async () => {
    const { ended, lines } = launch({ program: "./not-utf8.sh" });
    await ended;
    expect(lines.stdout).toEqual([Buffer.from("caf\xe9", "latin1"), Buffer.from([0x00, 0xff]), Buffer.from("end \xc3", "latin1")]);
  });

  test("a flood of output arrives whole and in order, and is not kept", { timeout: 60_000 }, async () => {
    const before = process.memoryUsage.rss();
    let next = 0;
    let outOfOrder = 0;
    const splitter = new LineSplitter((line) => {
      if (!line.toString("latin1", 0, 20).startsWith(`line ${next} `)) outOfOrder += 1;
      next += 1;
    });
    const tell = { exited: (_: Exit): void => {}, outputEnded: (): void => {} };
    const exited = new Promise<Exit>((resolve) => (tell.exited = resolve));
    const ended = new Promise<void>((resolve) => (tell.outputEnded = resolve));
    launcher.launch(plan({ program: process.execPath, args: [FLOODS, "1500000"] }), {
      ...tell,
      started: (handle) => onTestFinished(() => void handle.signal("SIGKILL")),
      refused: ({ message }) => expect.unreachable(message),
      output: (stream, bytes) => {
        if (stream === "stdout") splitter.push(bytes);
      },
    });
    await ended;
    const exit = await exited;
    expect({ exit, next, outOfOrder }).toEqual({ exit: { kind: "code", code: 0 }, next: 1_500_000, outOfOrder: 0 });
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * 1_024 * 1_024);
  });

  test("what cannot be started is told with its reason, at once", async () => {
    const folder = tempFolder();
    writeFileSync(join(folder, "notes"), "no program\n");
    chmodSync(join(folder, "notes"), 0o755);
    expect(await refusal({ program: "no-such-program", env: { PATH: "/nowhere" } })).toMatch(
      /^not-found: there is no program "no-such-program" in PATH \(\/nowhere\)/,
    );
    expect(await refusal({ cwd: "/no/such/folder" })).toMatch(/^not-found: its folder \/no\/such\/folder does not exist/);
    expect(await refusal({ program: join(folder, "notes") })).toMatch(/^bad-plan: .* is neither a program nor a script/);
    expect(await refusal({ program: folder })).toMatch(/^not-permitted: .* is a folder/);
    expect(await refusal({ args: ["a\0b"] })).toMatch(/^bad-plan: argument 1 holds a NUL byte/);
    expect(await refusal({ stdin: "/no/such/file" })).toMatch(/^not-found: its stdin \/no\/such\/file does not exist/);
    expect(await refusal({ stdin: folder })).toMatch(/^not-permitted: its stdin .* is a folder/);
  });

  test("the longest argument that the kernel takes is taken, a plan that is too large in all is told as such", async () => {
    expect(await launch({ args: ["-c", "exit ${#1}", "sh", "x".repeat(MAX_STRING_BYTES)] }).exited).toEqual({
      kind: "code",
      code: MAX_STRING_BYTES % 256,
    });
    expect(await refusal({ args: new Array<string>(100).fill("x".repeat(100_000)) })).toMatch(
      /^bad-plan: its arguments and environment have 100\d{5} bytes together/,
    );
  });

  test("a named pipe as stdin does not hold up the daemon", async () => {
    const pipe = join(tempFolder(), "pipe");
    await launch({ program: "mkfifo", args: [pipe] }).exited;
    const { handle, exited, line } = launch({ args: ["-c", "echo up; read x; echo $x"], stdin: pipe });
    await line("up");
    const heard = line("hello");
    writeFileSync(pipe, "hello\n");
    await heard;
    await exited;
    handle.signal("SIGKILL");
  });
});
