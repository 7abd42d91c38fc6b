import type { StdioOptions } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Fact } from "../../src/model/fact.ts";
import { readProcStat } from "../../src/lib/proc.ts";
import { ownCgroup } from "../../src/process/cgroup-folder.ts";
import { lives } from "../support/lives.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { printed, type Project, project, rindAsNobody } from "./daemon-rig.ts";
import { copyProgram, RIND, RUNNER, run } from "./program.ts";

/** A service that runs shell code, ready when that has written the pids of what it has started into the file "pids". */
function service(code: string): string {
  return `[[service]]\nname = "s"\nrun.shell = ${JSON.stringify(`rm -f pids; ${code}; echo wrote; exec sleep 300`)}\nready.log = "wrote"\nstop-timeout = "200ms"\n`;
}

const ESCAPES = "(setsid sh -c 'echo $$ > pids; exec sleep 300' &); while [ ! -s pids ]; do sleep 0.01; done";
/** Leaves the cgroup too, for that of the daemon, as root may. */
const LEAVE = ownCgroup() === undefined ? "" : `echo $$ > ${ownCgroup()?.folder ?? ""}/cgroup.procs; `;
const STRAYS = `(env -i setsid sh -c '${LEAVE}echo $$ > pids; exec sleep 300' &); while [ ! -s pids ]; do sleep 0.01; done`;

async function pidOf(p: Project): Promise<number> {
  const isReady = async (): Promise<unknown> => ((await p.json("status", "g@s")) as { ready: boolean | null }).ready;
  await expect.poll(isReady, { timeout: 10_000 }).toBe(true);
  return Number(readFileSync(join(p.folder, "pids"), "utf8"));
}

test("without its native part the daemon says once what is missing, runs, and still finds what left its group", async () => {
  const p = project({ "flows/g.toml": service(ESCAPES) });
  const copy = join(p.folder, "dist");
  const daemon = run(process.execPath, [copyProgram(copy, { without: ["sys.node"] }), "up"], { cwd: p.folder, env: p.env });
  await printed(daemon, "err", /"rind is up"/);
  const escaped = await pidOf(p);
  await p.rind("stop", "g@s");
  expect(lives(escaped)).toBe(false);
  await p.rind("down");
  await daemon.ended;
  expect(daemon.err().match(/"level":"warn".*native part is not there/g)).toHaveLength(1);
});

test("N71: what escaped from a service of a daemon that was killed is ended by the next one, also when nothing else of it is left", async () => {
  const p = project({ "flows/g.toml": service(ESCAPES) });
  const first = await p.up();
  const escaped = await pidOf(p);
  const { pid } = (await p.json("status", "g@s")) as { pid: number };
  first.child.kill("SIGKILL");
  await first.ended;
  process.kill(pid, "SIGKILL");
  await expect.poll(() => lives(pid)).toBe(false);
  expect(lives(escaped)).toBe(true);
  const second = await p.up();
  expect(lives(escaped)).toBe(false);
  expect(second.err()).toMatch(new RegExp(`"service":"g@s","pid":${escaped},.*had left it running`));
});

test("what nobody can tell whose it was is ended with the daemon, and named", async () => {
  const p = project({ "flows/g.toml": service(STRAYS) });
  const daemon = await p.up();
  const stray = await pidOf(p);
  await p.rind("down");
  await daemon.ended;
  expect(readProcStat(stray)).toBeUndefined();
  expect(daemon.err()).toMatch(new RegExp(`"level":"warn".*"pid":${stray},"name":"sleep".*it was ended`));
});

test("a descriptor that was open before the daemon began is handed on to no service", async () => {
  const p = project({ "flows/g.toml": service("ls -l /proc/$$/fd > pids") });
  const file = openSync("/dev/zero", "r");
  onTestFinished(() => closeSync(file));
  // Node looks for what it inherits up to the first gap beyond 15.
  const stdio: StdioOptions = Array.from({ length: 30 }, (_, fd) => (fd < 3 ? "pipe" : fd < 29 ? "ignore" : file));
  const daemon = run(RUNNER, [RIND, "up"], { cwd: p.folder, env: p.env, stdio });
  await printed(daemon, "err", /all services ready/);
  const descriptors = readFileSync(join(p.folder, "pids"), "utf8");
  expect(descriptors).toContain(" 0 -> /dev/null");
  expect(descriptors).not.toContain("/dev/zero");
  await p.rind("down");
  await daemon.ended;
});

test.skipIf(!IS_ROOT)("trace says who asked where that is another user", async () => {
  const p = project({ "flows/g.toml": '[[state]]\nname = "n"\npermissions = [65534]\n[settings]\non-empty = "wait"\n' });
  await p.up();
  await rindAsNobody(p, "set", "g@n", "id=1");
  await p.rind("set", "g@n", "id=2");
  const facts = (await p.json("trace")) as readonly Fact[];
  const asked = facts.flatMap((fact) => (fact.kind === "outside" && fact.what.startsWith("rind set") ? [fact.what] : []));
  expect(asked).toEqual([expect.stringMatching(/^rind set g@n, asked by uid 65534, pid \d+$/), "rind set g@n"]);
});
