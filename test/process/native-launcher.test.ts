import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { readProcStat } from "../../src/lib/proc.ts";
import type { LaunchPlan } from "../../src/process/launcher.ts";
import { processStart } from "../../src/process/start-times.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { gone, LAUNCHERS, launch, launching, refusal } from "../support/launch.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { openTerminal } from "../support/terminal.ts";

const NOBODY = { uid: 65_534, gid: 65_533, groups: [65_532, 4_000_000_000] };

const CAP_SYS_NICE = 23n;
const CAP_SYS_RESOURCE = 24n;

/** Root of a container often may less than root. */
function mayAsRoot(capability: bigint): boolean {
  const held = /^CapEff:\t(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "0";
  return IS_ROOT && ((BigInt(`0x${held}`) >> capability) & 1n) === 1n;
}

/** What a shell says in a process of this plan, line by line. */
async function said(script: string, change: Partial<LaunchPlan>): Promise<string[]> {
  const { out, ended } = launch({ args: ["-c", script], cwd: "/", ...change });
  await ended;
  return out();
}

test("when a process began is known without asking /proc, and is what /proc says", async () => {
  for (let launched = 0; launched < 60; launched++) {
    const { pid } = await launch({ program: "sleep", args: ["60"] }).started;
    expect(processStart(pid)).toBe(String(readProcStat(pid)?.startTime));
  }
});

describe.skipIf(!IS_ROOT)("as root (skipped where the tests do not run as root)", () => {
  test("a process is who its plan says, with all supplementary groups and no right of the daemon's", async () => {
    const lines = await said("id -u; id -g; id -G; grep -E '^(Uid|Gid|CapEff|CapPrm)' /proc/self/status", { identity: NOBODY });
    expect(lines).toEqual([
      "65534",
      "65533",
      "65533 65532 4000000000",
      "Uid:\t65534\t65534\t65534\t65534",
      "Gid:\t65533\t65533\t65533\t65533",
      "CapPrm:\t0000000000000000",
      "CapEff:\t0000000000000000",
    ]);
  });

  test("numbers above 2^31 are users and groups like others", async () => {
    const identity = { uid: 4_294_967_290, gid: 4_294_967_291, groups: [] };
    expect(await said("id -u; id -G", { identity })).toEqual(["4294967290", "4294967291"]);
  });

  test("its folder is entered as the user: one that only the daemon may enter is refused, with who and what", async () => {
    const folder = tempFolder();
    expect(await refusal({ cwd: folder, identity: NOBODY })).toMatch(
      /^not-permitted: its folder \S+ may not be entered by uid 65534: give it .*"x"/,
    );
    chownSync(folder, NOBODY.uid, 0);
    expect(await said("pwd", { cwd: folder, identity: NOBODY })).toEqual([folder]);
  });

  test("a program that its user may not run is refused, with who and what", async () => {
    const folder = tempFolder();
    chmodSync(folder, 0o755);
    const program = join(folder, "mine");
    copyFileSync("/bin/true", program);
    chmodSync(program, 0o700);
    expect(await refusal({ program, cwd: "/", identity: NOBODY })).toBe(
      `not-permitted: uid 65534 may not run ${program}: give the file the right "x" and the folders above it too, on a file system that is not mounted noexec`,
    );
  });

  test("it may open its output by name", async () => {
    expect(await said("echo one > /dev/stdout; echo two > /proc/self/fd/1", { identity: NOBODY })).toEqual(["one", "two"]);
  });

  test("niceness, adjustment and limits are set though the user changes", async () => {
    const rlimits = [{ name: "nofile", soft: 77, hard: 1_000 }] as const;
    expect(
      await said("nice; cat /proc/self/oom_score_adj; ulimit -Sn; id -u", { identity: NOBODY, nice: 3, oomScoreAdj: 500, rlimits }),
    ).toEqual(["3", "500", "77", "65534"]);
  });

  test.skipIf(!mayAsRoot(CAP_SYS_NICE))(
    "a better niceness than the daemon's is set before the user changes (needs CAP_SYS_NICE)",
    async () => {
      expect(await said("nice; id -u", { identity: NOBODY, nice: -3 })).toEqual(["-3", "65534"]);
    },
  );

  test.skipIf(!mayAsRoot(CAP_SYS_RESOURCE))(
    "so are what protects from being killed and higher limits (needs CAP_SYS_RESOURCE)",
    async () => {
      const rlimits = [{ name: "core", soft: 1_024, hard: Number.POSITIVE_INFINITY }] as const;
      const lines = await said("cat /proc/self/oom_score_adj; ulimit -Hc; id -u", { identity: NOBODY, oomScoreAdj: -500, rlimits });
      expect(lines).toEqual(["-500", "unlimited", "65534"]);
    },
  );

  test("the adjustment of one process is not that of the daemon", async () => {
    const own = readFileSync("/proc/self/oom_score_adj", "utf8");
    expect(await said("cat /proc/self/oom_score_adj", { oomScoreAdj: 321 })).toEqual(["321"]);
    expect(readFileSync("/proc/self/oom_score_adj", "utf8")).toBe(own);
  });

  test("its terminal belongs to the user", async () => {
    const { path } = await openTerminal();
    const { exited } = launch({ args: ["-c", ': < "$0" && : > "$0"', path], cwd: "/", tty: path, identity: NOBODY });
    expect(await exited).toEqual({ kind: "code", code: 0 });
    expect(statSync(path).uid).toBe(NOBODY.uid);
  });
});

test("umask, niceness and limits are those of the plan, and the daemon's where it says nothing", async () => {
  const script = "umask; nice; ulimit -Sc; ulimit -Hc; ulimit -Ss";
  const own = await said(script, {});
  const rlimits = [
    { name: "core", soft: 0, hard: 512_000 },
    { name: "stack", soft: 4_194_304, hard: 8_388_608 },
  ] as const;
  expect(await said(script, { umask: 0o27, nice: 7, rlimits })).toEqual(["0027", "7", "0", "1000", "4096"]);
  expect(await said(script, {})).toEqual(own);
});

test("a limit can be taken away", async () => {
  const hard = Number.POSITIVE_INFINITY;
  expect(await said("ulimit -Sf; ulimit -Hf", { rlimits: [{ name: "fsize", soft: hard, hard }] })).toEqual(["unlimited", "unlimited"]);
});

test.each([
  ["nice", { nice: 5 }],
  ["oom-score-adj", { oomScoreAdj: 5 }],
  ["another user", { identity: NOBODY }],
  ["umask", { umask: 0 }],
  ["rlimits", { rlimits: [{ name: "core", soft: 0, hard: 0 }] }],
  ["tty", { tty: "/dev/tty1" }],
] as const)("without the native part a plan that asks for %s is refused", async (what, change) => {
  expect(await launching(LAUNCHERS.execa).refusal(change)).toMatch(
    new RegExp(`^bad-plan: its unit asks for ${what}, which takes the native part of Rind, and there is none`),
  );
});

test("a value that the kernel does not take is told with its name", async () => {
  expect(await refusal({ oomScoreAdj: 5_000 })).toMatch(/^bad-plan: the kernel does not take the oom-score-adj 5000/);
  expect(
    await refusal({
      rlimits: [
        { name: "core", soft: 0, hard: 0 },
        { name: "nofile", soft: 20, hard: 10 },
      ],
    }),
  ).toMatch(/^bad-plan: the kernel does not take the limit nofile of 20 \(hard 10\): soft is at most hard/);
  expect(await refusal({ rlimits: [{ name: "nofile", soft: 10, hard: 2 ** 40 }] })).toMatch(
    /^not-permitted: it may not have the limit nofile of 10 \(hard 1099511627776\): .* run\.rlimits/,
  );
});

test("a program that lacks its loader is refused", async () => {
  const program = join(tempFolder(), "foreign");
  const elf = readFileSync("/bin/true");
  const loader = elf.indexOf("/lib");
  elf.write("/no", loader, "latin1");
  writeFileSync(program, elf, { mode: 0o755 });
  expect(await refusal({ program })).toMatch(/^not-found: the kernel does not run \S+: it is gone, or lacks the loader/);
});

describe("a terminal", () => {
  test("is controlling terminal, stdin, stdout and stderr, and nothing is told of its output", async () => {
    const { path, text, type } = await openTerminal();
    const script = "tty; test -t 0 && test -t 1 && test -t 2 && : < /dev/tty && echo all; read x; echo got $x >&2";
    const { exited, ended, out, err, handle } = launch({ args: ["-c", script], tty: path });
    await expect.poll(text, { timeout: 10_000 }).toContain("all");
    expect(readProcStat(handle.pid)).toMatchObject({ group: handle.pid, session: handle.pid });
    type("it");
    await Promise.all([exited, ended]);
    await expect.poll(text, { timeout: 10_000 }).toContain("got it");
    expect(text().replaceAll("\r", "")).toMatch(new RegExp(`^${path}\nall\n`));
    expect([...out(), ...err()]).toEqual([]);
  });

  test("that is another session's is refused, and free when that has ended", async () => {
    const { path, text } = await openTerminal();
    const first = launch({ args: ["-c", "echo up; exec sleep 300"], tty: path });
    await expect.poll(text, { timeout: 10_000 }).toContain("up");
    expect(await refusal({ tty: path })).toMatch(new RegExp(`^system: its terminal ${path} is that of another session`));
    first.handle.signal("SIGKILL");
    await first.exited;
    if (first.handle.alive()) await gone(first.handle);
    expect(await launch({ args: ["-c", "exit 5"], tty: path }).exited).toEqual({ kind: "code", code: 5 });
  });

  test("that is none, or is not there, is refused", async () => {
    expect(await refusal({ tty: "/dev/null" })).toMatch(/^bad-plan: its terminal \/dev\/null is none \(ENOTTY\): set run\.tty/);
    expect(await refusal({ tty: "/dev/no-such" })).toMatch(/^not-found: its terminal \/dev\/no-such does not exist: set run\.tty/);
  });

  test("leaves no descriptor open in the daemon", async () => {
    const { path } = await openTerminal();
    const count = (): number => readdirSync("/proc/self/fd").length;
    const before = count();
    for (let i = 0; i < 5; i++) {
      const { exited, ended } = launch({ args: ["-c", "exit 0"], tty: path });
      // a terminal belongs to a session until its leader has ended
      await Promise.all([exited, ended]);
      await refusal({ tty: "/dev/null" });
    }
    await expect.poll(count, { timeout: 10_000 }).toBeLessThanOrEqual(before);
  });
});

test("the end by a signal without a name is one by a signal", async () => {
  expect(await launch({ args: ["-c", "kill -40 $$"] }).exited).toEqual({ kind: "killed", by: "SIG40" });
});

test("a thousand that end at once are each told with their own code, and none is left", { timeout: 60_000 }, async () => {
  const runs = Array.from({ length: 1_000 }, (_, i) => launch({ args: ["-c", `exit ${i % 250}`] }));
  const exits = await Promise.all(runs.map(({ exited }) => exited));
  expect(exits).toEqual(Array.from({ length: 1_000 }, (_, i) => ({ kind: "code", code: i % 250 })));
  expect(runs.filter(({ handle }) => handle.alive())).toEqual([]);
});

/** Holds a lease on a file, so that who opens it has to wait; gone after the test. */
async function lease(path: string): Promise<void> {
  const take = `use Fcntl; $SIG{IO} = "IGNORE"; open(my $file, "+<", $ARGV[0]) or die $!; fcntl($file, 1024, 1) or die $!; syswrite(STDOUT, "held"); sleep`;
  const holder = spawn("perl", ["-e", take, path], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void holder.kill("SIGKILL"));
  await once(holder.stdout, "data");
}

test("who was started is told of while those that do not answer are waited for", { timeout: 60_000 }, async () => {
  const program = join(tempFolder(), "held");
  copyFileSync("/bin/true", program);
  await lease(program);
  const began = performance.now();
  // one of each kind for each of the two threads
  const right = [launch({ program: "sleep", args: ["60"] }), launch({ program: "sleep", args: ["60"] })];
  const held = [refusal({ program }), refusal({ program })];
  await Promise.all(right.map(({ started }) => started));
  expect(performance.now() - began).toBeLessThan(5_000);
  for (const message of await Promise.all(held)) expect(message).toContain("did not answer in time");
});

test("what does not answer holds up the daemon for ten seconds at most", { timeout: 60_000 }, async () => {
  const program = join(tempFolder(), "held");
  copyFileSync("/bin/true", program);
  await lease(program);
  const began = performance.now();
  expect(await refusal({ program })).toMatch(/^system: it was killed before its program ran: \S+ did not answer in time/);
  expect(performance.now() - began).toBeLessThan(20_000);
});
