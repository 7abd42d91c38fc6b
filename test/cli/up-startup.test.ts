import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { processStart } from "../../src/process/start-times.ts";
import { printed, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run } from "./program.ts";

const SERVICE = '[[service]]\nname = "s"\ntype = "oneshot"\nrun.shell = "echo service; touch started"\n';

function startup(code: string): string {
  return `[settings]\nstartup = { exec = "/bin/sh", args = ["-c", ${JSON.stringify(code)}] }\n`;
}

test("000-5: the startup program runs first, once, with its output visible; services only after its end", async () => {
  const p = project({ "flows/g.toml": `${startup("echo setting up; ls started 2>/dev/null; echo warned >&2")}${SERVICE}` });
  const { code, out, err } = await p.rind("up");
  expect([code, out]).toEqual([0, "startup | setting up\ng@s | service\n"]);
  expect(err).toContain("startup | warned\n");
});

test("N78, 000-6: a startup program that fails starts nothing, and up ends with 1 and its output, detached too", async () => {
  const p = project({ "flows/g.toml": `${startup("echo cannot; exit 1")}${SERVICE}` });
  const front = await p.rind("up");
  expect([front.code, front.out]).toEqual([1, "startup | cannot\n"]);
  expect(front.err).toContain("rind: the startup program /bin/sh failed, so nothing starts: exit code 1");
  const detached = await p.rind("up", "-d");
  expect(detached.code).toBe(1);
  expect(detached.err).toContain("startup | cannot");
  expect(existsSync(join(p.folder, "started"))).toBe(false);
});

test("a startup program that is not there starts nothing", async () => {
  const p = project({ "flows/g.toml": `[settings]\nstartup = { exec = "/nowhere/program" }\n${SERVICE}` });
  const { code, err } = await p.rind("up");
  expect([code, /startup program \/nowhere\/program/.test(err)]).toEqual([1, true]);
  expect(existsSync(join(p.folder, "started"))).toBe(false);
});

for (const killSignal of ["SIGTERM", "SIGINT"] as const) {
  test(`N77: ${killSignal} while the startup program runs ends it with its children, and no service starts`, async () => {
    const p = project({ "flows/g.toml": `${startup("sleep 600 & echo child $! me $$; wait")}${SERVICE}` });
    const daemon = run(RUNNER, [RIND, "up"], { cwd: p.folder, env: p.env });
    const [, child, me] = await printed(daemon, "out", /child (\d+) me (\d+)/);
    daemon.child.kill(killSignal);
    expect(await daemon.ended).toBe(1);
    expect([processStart(Number(child)), processStart(Number(me))]).toEqual([undefined, undefined]);
    expect(existsSync(join(p.folder, "started"))).toBe(false);
  });
}

test("N77: a startup program that does not heed the interrupt is killed by a second one", async () => {
  const p = project({ "flows/g.toml": `${startup("trap '' TERM; echo me $$; while :; do sleep 1; done")}${SERVICE}` });
  const daemon = run(RUNNER, [RIND, "up"], { cwd: p.folder, env: p.env });
  const [, me] = await printed(daemon, "out", /me (\d+)/);
  daemon.child.kill("SIGINT");
  await printed(daemon, "err", /once more to kill at once/);
  daemon.child.kill("SIGINT");
  expect(await daemon.ended).toBe(1);
  expect(processStart(Number(me))).toBeUndefined();
});

test("the startup program gets the environment of services", async () => {
  const p = project({ "flows/g.toml": `${startup("echo $A; pwd")}env = { A = "of all" }\n${SERVICE}` });
  expect((await p.rind("up")).out).toContain(`startup | of all\nstartup | ${p.folder}\n`);
});

test("without any service up says so and ends with 0, detached too", async () => {
  const p = project({ "flows/g.toml": '[[state]]\nname = "a"\n' });
  const { code, err } = await p.rind("up");
  expect([code, err]).toEqual([0, 'no service is declared: there is nothing to run ([settings] on-empty = "wait" stays)\n']);
  expect((await p.rind("up", "-d")).code).toBe(0);
});

test('without any service and with on-empty = "wait" up stays, and runs what a reload brings', async () => {
  const p = project({ "flows/g.toml": '[settings]\non-empty = "wait"\n' });
  const daemon = await p.up();
  expect(daemon.err()).toContain("no service is declared: there is nothing to run until a reload");
  p.write("flows/h.toml", SERVICE);
  expect((await p.rind("reload")).code).toBe(0);
  await printed(daemon, "out", /h@s \| service/);
  expect((await p.rind("down")).code).toBe(0);
  expect(await daemon.ended).toBe(0);
});

test('without any service and with on-empty = "shell" up is an interactive shell, with its exit code', async () => {
  const p = project({ "flows/g.toml": `${startup("echo first")}on-empty = "shell"\n` });
  const env = { ...p.env, SHELL: "/bin/sh", PS1: "", ENV: "" };
  // script(1) gives it a terminal
  const terminal = run("script", ["-qec", `"${RUNNER}" "${RIND}" up`, "/dev/null"], {
    cwd: p.folder,
    env,
    input: "echo in $((20 + 3)); exit 7\n",
  });
  expect(await terminal.ended).toBe(7);
  expect(terminal.out()).toMatch(/startup \| first\r\nno service is declared: this is an interactive shell\r\n[^]*in 23/);
});
