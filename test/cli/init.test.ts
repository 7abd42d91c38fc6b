import { existsSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readChildren, readProcStat } from "../../src/lib/proc.ts";
import { lives } from "../support/lives.ts";
import { inNamespace, type Namespace } from "../support/pid-namespace.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { type Project, project } from "./daemon-rig.ts";
import { copyProgram, RIND, RUNNER, rind } from "./program.ts";

const UP = /rind: up\r?\n/;
const SERVICE = '[[service]]\nname = "s"\nrun.shell = "exec sleep 300"\n[[state]]\nname = "n"\n';

/** `rind init` as PID 1, and the daemon that it starts, as this machine counts. */
interface Machine extends Namespace {
  daemon(): Promise<number>;
  /** Ends the daemon in this way, and waits until there is another one that is up. */
  killDaemon(killSignal: NodeJS.Signals): Promise<void>;
}

function boot(p: Project, options: { terminal?: boolean; env?: NodeJS.ProcessEnv; program?: string } = {}): Machine {
  const { terminal = false, env = {}, program = RIND } = options;
  const words = [program === RIND ? RUNNER : process.execPath, program, "init", join(p.folder, "flows")];
  const namespace = inNamespace(words, { cwd: p.folder, env: { ...p.env, ...env }, terminal });
  const daemon = async (): Promise<number> => {
    const first = await namespace.first();
    const found = (): number | undefined => readChildren({ pid: first, threads: 1 }).find(isNode);
    await expect.poll(found, { timeout: 20_000 }).toBeDefined();
    return found() ?? 0;
  };
  return {
    ...namespace,
    daemon,
    async killDaemon(killSignal) {
      const from = namespace.out().length;
      process.kill(await daemon(), killSignal);
      await namespace.said(UP, from);
    },
  };
}

/** What a daemon that died has left comes to PID 1 as well. */
function isNode(pid: number): boolean {
  try {
    return lives(pid) && [process.execPath, RIND].map((path) => realpathSync(path)).includes(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return false;
  }
}

async function row(p: Project): Promise<{ phase: string; pid: number }> {
  return (await p.json("status", "g@s")) as { phase: string; pid: number };
}

test("rind init refuses to run as an ordinary process", async () => {
  const { code, err } = await rind(["init"]);
  expect(code).toBe(64);
  expect(err).toMatch(/^rind: rind init is for the first process of a machine or a container, PID 1; this is process \d+ \(.*\)\n$/);
  const fooled = await rind(["init"], { env: { ...process.env, RIND_INIT: "1" } });
  expect(fooled.code).toBe(64);
});

describe.skipIf(!IS_ROOT)("rind init as PID 1 of a namespace (these tests need root)", () => {
  test("without the small program that keeps its place it refuses, and says why", async () => {
    const p = project({ "flows/g.toml": SERVICE });
    const copy = join(p.folder, "dist");
    const machine = boot(p, { program: copyProgram(copy, { without: ["rind-init"] }) });
    expect(await machine.ended).toBe(1);
    expect(machine.out()).toMatch(
      /^rind: Rind cannot be PID 1 without the small program that keeps its place: it was not built .* \(build Rind where .*\)\n$/,
    );
  });

  test("whatever ends the daemon, PID 1 lives, the next daemon has its states, and the services run again", async () => {
    const p = project({ "flows/g.toml": SERVICE });
    const machine = boot(p);
    await machine.said(UP);
    const first = await machine.first();
    const began = readProcStat(first)?.startTime;
    for (const [index, killSignal] of (["SIGKILL", "SIGSEGV", "SIGABRT"] as const).entries()) {
      await p.rind("set", "g@n", `id=${index}`);
      const { pid } = await row(p);
      await machine.killDaemon(killSignal);
      expect(machine.out()).toContain(`rind-init: the daemon was killed by signal ${[9, 11, 6][index]}\n`);
      const now = await row(p);
      expect(now.phase).toBe("running");
      expect(now.pid).not.toBe(pid);
      expect(await p.json("get", "g@n")).toHaveLength(index + 1);
    }
    expect(readProcStat(first)?.startTime).toBe(began);
  }, 90_000);

  // The single executable does not listen to NODE_OPTIONS.
  test.skipIf(RUNNER !== process.execPath)("a daemon that runs out of memory is followed by another one", async () => {
    const p = project({ "flows/g.toml": `${SERVICE}[[state]]\nname = "_m"\n` });
    const machine = boot(p, { env: { NODE_OPTIONS: "--max-old-space-size=48" } });
    await machine.said(UP);
    const from = machine.out().length;
    const client = await p.client();
    const text = "x".repeat(1_000_000);
    const fill = async (): Promise<void> => {
      for (let id = 0; id < 500; id++) await client.call("flow.set", { name: "g@_m", payload: { id, text: `${id}${text}` } });
    };
    await expect(fill()).rejects.toThrow("has closed the connection");
    await machine.said(/heap out of memory[^]*rind-init: the daemon was killed by signal[^]*rind: up/, from);
    expect((await row(p)).phase).toBe("running");
  });

  test("a daemon that is stopped goes on at once", async () => {
    const p = project({ "flows/g.toml": SERVICE });
    const machine = boot(p);
    await machine.said(UP);
    process.kill(await machine.daemon(), "SIGSTOP");
    expect((await row(p)).phase).toBe("running");
  });

  test("1,000 orphans of a service leave no zombie", async () => {
    const orphans = "i=0; while [ $i -lt 1000 ]; do ((exit 0) &); i=$((i + 1)); done; echo made; exec sleep 300";
    const p = project({ "flows/g.toml": `[[service]]\nname = "s"\nrun.shell = "${orphans}"\nready.log = "made"\n` });
    const machine = boot(p);
    await machine.said(/all services ready/);
    const [first, daemon] = [await machine.first(), await machine.daemon()];
    const zombies = (): number =>
      [first, daemon].flatMap((pid) => readChildren({ pid, threads: 2 })).filter((pid) => readProcStat(pid)?.state === "Z").length;
    await expect.poll(zombies, { timeout: 10_000 }).toBe(0);
  });

  test("units of which none can be read open the emergency shell; what is repaired there runs when it ends", async () => {
    const p = project({ "flows/g.toml": "[[service]\n" });
    const machine = boot(p, { terminal: true });
    await machine.said(/g\.toml:1:[^]*rind-init: emergency shell/);
    p.write("flows/g.toml", SERVICE);
    machine.type("sleep 1; exit");
    await machine.said(/the emergency shell has ended/);
    await machine.said(UP);
    expect((await row(p)).phase).toBe("running");
  });

  test("a daemon that dies again and again opens the emergency shell", async () => {
    const p = project({ "flows/g.toml": SERVICE });
    const machine = boot(p, { terminal: true });
    await machine.said(UP);
    for (let death = 1; death <= 4; death++) await machine.killDaemon("SIGKILL");
    process.kill(await machine.daemon(), "SIGKILL");
    await machine.said(/death number 5 within a minute\r\nrind-init: emergency shell/);
    machine.type("sleep 1; exit");
    await machine.said(UP, machine.out().length);
    expect((await row(p)).phase).toBe("running");
  }, 90_000);

  test("SIGTERM stops everything in order and ends the namespace with 0", async () => {
    const p = project({});
    const code = `trap 'sleep 0.2; touch ${p.folder}/ended; exit 0' TERM; echo up; while :; do sleep 0.05; done`;
    p.write("flows/g.toml", `[[service]]\nname = "s"\nrun.shell = ${JSON.stringify(code)}\nready.log = "up"\n`);
    const machine = boot(p);
    await machine.said(/all services ready/);
    process.kill(await machine.first(), "SIGTERM");
    expect(await machine.ended).toBe(0);
    expect(existsSync(join(p.folder, "ended"))).toBe(true);
  });

  test("a container that is started anew is a boot, whatever its last daemon has left in the store", async () => {
    const p = project({});
    p.write(
      "flows/g.toml",
      `[[service]]\nname = "s"\ntype = "oneshot"\nrun.shell = "echo ran >> ${p.folder}/log"\n[[state]]\nname = "n"\n`,
    );
    const runs = (): number => readFileSync(join(p.folder, "log"), "utf8").split("ran").length - 1;
    for (const times of [1, 2]) {
      const machine = boot(p);
      await machine.said(/all services ready/);
      expect(runs()).toBe(times);
      // what is stored after it is stored after the end of the run
      await p.rind("set", "g@n", `id=${times}`);
      // a daemon that follows one that died goes on, and starts nothing that has ended
      await machine.killDaemon("SIGKILL");
      expect(await p.json("status", "g@s")).toMatchObject({ phase: "exited" });
      expect(runs()).toBe(times);
      process.kill(await machine.first(), "SIGKILL");
      await machine.ended;
    }
  });
});
