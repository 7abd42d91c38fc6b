import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readChildren } from "../../src/lib/proc.ts";
import { inNamespace, type Namespace } from "../support/pid-namespace.ts";
import { tempFolder } from "../support/temp-folder.ts";

const INIT = fileURLToPath(new URL("../../dist/rind-init", import.meta.url));
const IS_ROOT = process.getuid?.() === 0;

/** A shell in the place of the daemon. */
function withDaemon(code: string, options: Parameters<typeof inNamespace>[1] = {}): Namespace {
  return inNamespace([INIT, "/bin/sh", "-c", code], options);
}

const FOREVER = "while :; do sleep 0.05; done";
/** Says so and lives until it is told to end. */
const OBEYS = `trap 'echo ending; exit 0' TERM; echo up; ${FOREVER}`;

async function signal(namespace: Namespace, ...killSignals: readonly NodeJS.Signals[]): Promise<void> {
  const first = await namespace.first();
  for (const killSignal of killSignals) process.kill(first, killSignal);
}

test("what is PID 1 refuses to be anything else", () => {
  const { status, stderr } = spawnSync(INIT, ["/bin/true"], { encoding: "utf8" });
  expect([status, stderr]).toEqual([64, "rind-init: this is for PID 1 and nobody else\n"]);
});

test("what is PID 1 is one small file that needs no other", () => {
  expect(statSync(INIT).size).toBeLessThan(process.arch === "x64" ? 16_384 : 80_000);
  // the name of the program that loads libraries
  expect(readFileSync(INIT).includes("/ld-")).toBe(false);
});

describe.skipIf(!IS_ROOT)("PID 1 of a namespace (these tests need root)", () => {
  test("starts the daemon as the leader of a session, and tells it whose child it is", async () => {
    const namespace = withDaemon('echo "parent $PPID, init $RIND_INIT"; cut -d" " -f5,6 /proc/$$/stat; echo $$');
    expect(await namespace.ended).toBe(0);
    expect(namespace.out()).toMatch(/^parent 1, init 1\n(\d+) \1\n\1\n$/);
  });

  test("the daemon begins with no signal blocked or ignored, whatever was before", async () => {
    // a shell would put that right by itself
    const daemon = ["/bin/grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"];
    const namespace = inNamespace(["/bin/sh", "-c", `trap '' HUP CHLD; exec "$@"`, "sh", INIT, ...daemon]);
    expect(await namespace.ended).toBe(0);
    expect(namespace.out()).toBe(`SigBlk:\t${"0".repeat(16)}\nSigIgn:\t${"0".repeat(16)}\n`);
  });

  test.each([0, 3, 64, 78, 126, 127].map((code) => [code, code === 3 ? 5 : 1]))(
    "without a terminal the namespace ends with the code of a daemon that ends with %i, after %i starts",
    async (code, starts) => {
      const namespace = withDaemon(`echo starts; exit ${code}`);
      expect(await namespace.ended).toBe(code);
      expect(namespace.out().match(/^starts$/gm)).toHaveLength(starts);
    },
  );

  test("a daemon that dies is started again at once, then after growing pauses", async () => {
    const namespace = withDaemon(`echo "at $(cut -d" " -f1 /proc/uptime)"; kill -SEGV $$`);
    expect(await namespace.ended).toBe(128 + 11);
    const times = [...namespace.out().matchAll(/^at (.*)$/gm)].map(([, time]) => Number(time));
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(pauses).toHaveLength(4);
    for (const [index, least] of [0, 0.5, 1, 2].entries()) expect(pauses[index]).toBeGreaterThanOrEqual(least);
    expect(namespace.out()).toMatch(/killed by signal 11\nrind-init: the daemon is started again\n/);
    expect(namespace.out()).toContain("rind-init: that was death number 5 within a minute\n");
  });

  test.each([
    ["SIGTERM", "TERM"],
    ["SIGINT", "INT"],
    ["SIGPWR", "PWR"],
    ["SIGHUP", "HUP"],
    ["SIGUSR1", "TERM"],
    ["SIGUSR2", "TERM"],
  ] as const)("%s reaches the daemon as SIG%s", async (sent, received) => {
    const traps = ["TERM", "INT", "PWR", "HUP", "USR1", "USR2"].map((name) => `trap 'echo heard ${name}; exit 0' ${name}`);
    const namespace = withDaemon(`${traps.join("; ")}; echo up; ${FOREVER}`);
    await namespace.said(/up/);
    await signal(namespace, sent);
    expect(await namespace.ended).toBe(0);
    expect(namespace.out()).toBe(`up\nheard ${received}\n`);
  });

  test("nothing that is sent from inside ends or stops it", async () => {
    const all = "for nr in $(seq 1 64); do case $nr in 1|2|10|12|15|30) ;; *) kill -$nr 1;; esac; done 2>/dev/null";
    const namespace = withDaemon(`${all}; sleep 0.2; ${OBEYS}`);
    await namespace.said(/up/);
    await signal(namespace, "SIGTERM");
    expect(await namespace.ended).toBe(0);
  });

  test("a daemon that is stopped is continued", async () => {
    const namespace = withDaemon("kill -STOP $$; echo goes on");
    expect(await namespace.ended).toBe(0);
    expect(namespace.out()).toBe("goes on\n");
  });

  test("1,000 orphans leave no zombie", async () => {
    const namespace = withDaemon(
      `i=0; while [ $i -lt 1000 ]; do ((exit 0) &); i=$((i + 1)); done; echo made; trap 'exit 0' TERM; ${FOREVER}`,
    );
    await namespace.said(/made/);
    const first = await namespace.first();
    // the daemon, and the sleep of its loop is no child of PID 1
    await expect.poll(() => readChildren({ pid: first, threads: 1 }).length, { timeout: 10_000 }).toBe(1);
  });

  test("when an end was asked for, a daemon that dies of it is not started again, and what it has left is ended", async () => {
    const namespace = withDaemon(`echo starts; (trap 'echo left over; exit' TERM; echo up; ${FOREVER})& ${FOREVER}`);
    await namespace.said(/up/);
    await signal(namespace, "SIGTERM");
    // the kernel ends a namespace whose PID 1 asks it to power off by a SIGINT to it
    expect(await namespace.ended).toBe(130);
    // two streams, of which either may be read first; what a shell says of its child's end is its own affair
    const lines = namespace.out().replace("Terminated\n", "").trimEnd().split("\n");
    expect(lines.toSorted()).toEqual(["left over", "rind-init: the daemon was killed by signal 15", "starts", "up"]);
  });

  test("an end that is asked for while no daemon runs is an end", async () => {
    const namespace = withDaemon(`kill -KILL $$`);
    await namespace.said(/started again in 2000 ms/);
    await signal(namespace, "SIGINT");
    // SIGHUP: a restart was asked for
    expect(await namespace.ended).toBe(129);
    expect(namespace.out().match(/killed by signal 9/g)).toHaveLength(4);
  });

  test("a daemon that ignores what it is asked is ended 10 seconds after it was asked twice, with all that ignores it too", async () => {
    const namespace = withDaemon(`trap 'echo ignored' TERM; (trap '' TERM; ${FOREVER})& echo up; ${FOREVER}`);
    await namespace.said(/up/);
    await signal(namespace, "SIGTERM");
    await namespace.said(/ignored/);
    await signal(namespace, "SIGTERM");
    await namespace.said(/ignored\n[^]*ignored\n[^]*asked to twice/);
    expect(await namespace.ended).toBe(130);
  }, 60_000);

  test("a process that cannot be started does not end it", async () => {
    // a checkout may lie where only its owner can go
    const folder = tempFolder();
    const copy = join(folder, "rind-init");
    copyFileSync(INIT, copy);
    for (const path of [folder, copy]) chmodSync(path, 0o755);
    const asNobody = ["--reuid=65533", "--regid=65533", "--clear-groups", "prlimit"];
    const namespace = inNamespace(["setpriv", ...asNobody, "--nproc=1:40", copy, "/bin/echo", "up"]);
    await namespace.said(/no process can be started: error 11\n.*started again in/);
    spawnSync("setpriv", [...asNobody, `--pid=${await namespace.first()}`, "--nproc=40:40"]);
    expect(await namespace.ended).toBe(0);
    expect(namespace.out()).toMatch(/up\n$/);
  });

  describe("the emergency shell", () => {
    const DIES = `[ -e was ] && { ${OBEYS}; }; touch was; exit 78`;

    test("is opened on the terminal at once where no new start would help, with the terminal as its own; the daemon is started again after it", async () => {
      const namespace = withDaemon(DIES, { terminal: true, cwd: tempFolder() });
      await namespace.said(/ended with exit code 78\r\nrind-init: emergency shell/);
      namespace.type("tty; echo init=$RIND_INIT; cut -d' ' -f4,6 /proc/$$/stat; echo $$; cat /proc/$PPID/comm");
      await namespace.said(/\/dev\/pts\/\d+\r\ninit=\r\n1 (\d+)\r\n\1\r\nrind-init\r\n/);
      expect(namespace.out()).not.toContain("job control turned off");
      namespace.type("sleep 1; exit");
      await namespace.said(/shell has ended[^]*up\r\n/);
      await signal(namespace, "SIGTERM");
      expect(await namespace.ended).toBe(0);
    });

    test("is opened after five deaths within a minute; orphans are reaped meanwhile, and an end that is asked for is one", async () => {
      const namespace = withDaemon("kill -ABRT $$", { terminal: true });
      await namespace.said(/death number 5 within a minute\r\nrind-init: emergency shell/);
      expect(namespace.out().match(/killed by signal 6/g)).toHaveLength(5);
      namespace.type("i=0; while [ $i -lt 1000 ]; do ((exit 0) &); i=$((i + 1)); done; echo ma''de");
      await namespace.said(/made\r\n/);
      const first = await namespace.first();
      await expect.poll(() => readChildren({ pid: first, threads: 1 }).length, { timeout: 10_000 }).toBe(1);
      await signal(namespace, "SIGTERM");
      expect(await namespace.ended).toBe(130);
    });
  });
});
