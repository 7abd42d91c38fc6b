import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { processStart } from "../../src/process/start-times.ts";
import { phaseOf } from "./await-phase.ts";
import { printed, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run } from "./program.ts";

const STUBBORN = `[[service]]
name = "s"
run.shell = "trap 'echo ignored' TERM; sleep 600 & echo pids $$ $!; while :; do wait; done"
`;
const ORDERED = `[[service]]
name = "a"
run.shell = "trap 'echo a ends; exit 0' TERM; echo a up; while :; do sleep 0.05; done"
[[service]]
name = "b"
requires = ["a"]
run.shell = "trap 'sleep 0.3; echo b ends; exit 0' TERM; echo b up; while :; do sleep 0.05; done"
`;

test("N72: a second SIGINT during a slow shutdown ends up at once, and leaves nothing running", async () => {
  const p = project({ "flows/g.toml": STUBBORN });
  const daemon = await p.up();
  const [, ...pids] = await printed(daemon, "out", /pids (\d+) (\d+)/);
  daemon.child.kill("SIGINT");
  await printed(daemon, "out", /ignored/);
  const since = performance.now();
  daemon.child.kill("SIGINT");
  await daemon.ended;
  // its process is gone after some milliseconds; the stop-timeout of the service is 10 seconds, what cannot be killed is given 2
  expect(performance.now() - since).toBeLessThan(1_800);
  expect(pids.map((pid) => processStart(Number(pid)))).toEqual([undefined, undefined]);
});

test("N79: SIGINT in the foreground stops services in the reverse of their order, and up ends with 0", async () => {
  const p = project({ "flows/g.toml": ORDERED });
  const daemon = await p.up();
  await printed(daemon, "out", /b up/);
  daemon.child.kill("SIGINT");
  expect(await daemon.ended).toBe(0);
  expect(daemon.out().match(/[ab] ends/g)).toEqual(["b ends", "a ends"]);
});

test("while up is shutting down, list and status answer and say what is still stopping", async () => {
  const p = project({ "flows/g.toml": STUBBORN });
  const daemon = await p.up();
  await printed(daemon, "out", /pids/);
  daemon.child.kill("SIGTERM");
  await phaseOf(p, "g@s", "stopping");
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "stopping" });
  expect((await p.rind("status")).out).toMatch(/shutting down[^]*g@s\s+stopping/);
  daemon.child.kill("SIGINT");
  await daemon.ended;
});

/** Whether this machine lets us make a pid namespace with a /proc of its own. */
function hasNamespaces(): boolean {
  try {
    execFileSync("unshare", ["--pid", "--fork", "--mount-proc", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
const NAMESPACES = hasNamespaces();

/** Runs `rind up` as PID 1 of a namespace of its own; `pid` is its number out here. */
function upAsFirst(p: ReturnType<typeof project>) {
  return run("unshare", ["--pid", "--fork", "--kill-child", "--mount-proc", RUNNER, RIND, "up"], { cwd: p.folder, env: p.env });
}

function childOf(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim());
}

/** Names of the zombies whose parent it is. */
function zombiesOf(parent: number): string[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      const [, name = "", state, of] = /^\d+ \((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1")) ?? [];
      return state === "Z" && Number(of) === parent ? [name] : [];
    } catch {
      return [];
    }
  });
}

test.skipIf(!NAMESPACES)(
  "N74, 000-3: SIGTERM to up as PID 1 of a container reaches every service, leaves no zombie, and it exits with 0 (needs the right to make pid namespaces)",
  async () => {
    const p = project({
      "flows/g.toml": `${ORDERED}[[service]]\nname = "orphans"\nrun.shell = "(sh -c 'sleep 0.1 & exit 0' &); sleep 0.5; trap 'echo c ends; exit 0' TERM; echo c up; while :; do sleep 0.05; done"\n`,
    });
    const first = upAsFirst(p);
    await printed(first, "out", /c up/);
    await printed(first, "out", /b up/);
    const pid = childOf(first.child.pid);
    await expect.poll(() => zombiesOf(pid), { timeout: 10_000 }).toEqual([]);
    process.kill(pid, "SIGTERM");
    expect(await first.ended).toBe(0);
    expect(
      first
        .out()
        .match(/[abc] ends/g)
        ?.toSorted(),
    ).toEqual(["a ends", "b ends", "c ends"]);
  },
);

test.skipIf(!NAMESPACES)(
  "as PID 1 without any service and without a terminal up ends with 0 (needs the right to make pid namespaces)",
  async () => {
    const p = project({ "flows/g.toml": "" });
    const first = upAsFirst(p);
    expect(await first.ended).toBe(0);
  },
);
