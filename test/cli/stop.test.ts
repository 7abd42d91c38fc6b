import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { livingWith } from "../support/living-with.ts";
import { phaseOf } from "./await-phase.ts";
import { type Project, printed, project } from "./daemon-rig.ts";

/** How much longer than asked a busy machine may take. */
const SLACK_MS = 3_000;

let marks = 0;

/** A service `g@s` of this shell code; `mark` is in the environment of all that comes from it. */
function shell(code: string, more = ""): { readonly p: Project; readonly mark: string } {
  marks += 1;
  const mark = `STOP_TEST=${process.pid}-${marks}`;
  const text = `
[[service]]
name = "s"
run.shell = '''${code}'''
run.env = { STOP_TEST = "${mark.slice("STOP_TEST=".length)}" }
restart = "never"
${more}
[[service]]
name = "stays"
run = "sleep 1000"
`;
  return { p: project({ "flows/g.toml": text }), mark };
}

/** Stops `g@s`, and says how it is and how long that took. */
async function stop(p: Project): Promise<{ readonly row: ServiceRow | undefined; readonly ms: number }> {
  const client = await p.client();
  const before = performance.now();
  const [row] = await client.call("service.stop", { names: ["g@s"], force: false });
  return { row, ms: performance.now() - before };
}

test("N62: a service that cleans up when it is asked to end is given the time, and not killed", async () => {
  const { p, mark } = shell(
    'trap "sleep 0.3; echo clean > cleaned; exit 0" TERM; echo armed; while :; do sleep 0.02; done',
    'stop-timeout = "10s"',
  );
  await printed(await p.up(), "out", /armed/);
  const { row, ms } = await stop(p);
  expect(row).toMatchObject({ phase: "exited", exit: { code: 0, signal: null }, pid: null });
  expect(row?.reason).not.toContain("killed");
  expect(ms).toBeLessThan(300 + SLACK_MS);
  expect(existsSync(join(p.folder, "cleaned"))).toBe(true);
  expect(livingWith(mark)).toEqual([]);
});

test("N63: the full stop-timeout is honoured", async () => {
  const { p } = shell(
    'trap "sleep 1.2; echo clean > cleaned; exit 0" TERM; echo armed; while :; do sleep 0.02; done',
    'stop-timeout = "20s"',
  );
  await printed(await p.up(), "out", /armed/);
  const { row, ms } = await stop(p);
  expect([row?.exit, existsSync(join(p.folder, "cleaned"))]).toEqual([{ code: 0, signal: null }, true]);
  expect(ms).toBeGreaterThan(1_100);
});

test("N64, 004-M6: a service that ignores the stop signal is killed when its time is over, and that is said", async () => {
  const { p, mark } = shell('trap "" TERM; echo armed; while :; do sleep 0.02; done', 'stop-timeout = "600ms"');
  await printed(await p.up(), "out", /armed/);
  const { row, ms } = await stop(p);
  expect(row).toMatchObject({ phase: "exited", exit: { code: null, signal: "SIGKILL" } });
  expect(row?.reason).toContain("killed, as it did not end within 600ms");
  expect(ms).toBeGreaterThan(590);
  expect(ms).toBeLessThan(600 + SLACK_MS);
  expect(livingWith(mark)).toEqual([]);
});

test("N66, 004-T1: what a service started in the background is ended with it", async () => {
  const { p, mark } = shell("sleep 3600 & echo armed; wait");
  await printed(await p.up(), "out", /armed/);
  await stop(p);
  expect(livingWith(mark)).toEqual([]);
});

test("N67: what a service started in groups of their own is ended with it", async () => {
  const { p, mark } = shell("set -m; sleep 3600 & sleep 3600 & echo armed; wait");
  await printed(await p.up(), "out", /armed/);
  await stop(p);
  expect(livingWith(mark)).toEqual([]);
});

test("N68: several stubborn groups share one time", async () => {
  const stubborn = `sh -c 'trap "" TERM; while :; do sleep 0.05; done' & `;
  const { p, mark } = shell(`set -m; ${stubborn.repeat(4)} echo armed; wait`, 'stop-timeout = "700ms"');
  await printed(await p.up(), "out", /armed/);
  const { ms } = await stop(p);
  expect(livingWith(mark)).toEqual([]);
  expect(ms).toBeLessThan(2 * 700 + SLACK_MS);
});

test("N69: while it is stopping status says so and what lives, and the main process gets the stop signal once", async () => {
  const code = 'trap "echo got TERM >> got" TERM; echo armed; while [ ! -e go ]; do sleep 0.02; done';
  const { p } = shell(code, 'stop-timeout = "20s"');
  await printed(await p.up(), "out", /armed/);
  const first = stop(p);
  await phaseOf(p, "g@s", "stopping");
  const second = stop(p);
  const row = (await p.json("status", "g@s")) as ServiceRow;
  expect(row).toMatchObject({ phase: "stopping", ready: false });
  expect(row.waiting[0]).toMatch(new RegExp(`^still there: \\S+ \\(pid ${row.pid}\\)`));
  expect(row.waiting[1]).toMatch(/^it was asked to end; SIGKILL in \d+s$/);
  p.write("go", "");
  await Promise.all([first, second]);
  expect(readFileSync(join(p.folder, "got"), "utf8")).toBe("got TERM\n");
});

test("what is left when the main process ends by itself is asked to end, and killed", async () => {
  const { p, mark } = shell(`sh -c 'trap "" TERM; echo armed; while :; do sleep 0.05; done' & sleep 0.3; exit 3`, 'stop-timeout = "300ms"');
  await p.up();
  await phaseOf(p, "g@s", "failed");
  expect(livingWith(mark)).toEqual([]);
  expect(await p.json("status", "g@s")).toMatchObject({ reason: "exit code 3", exit: { code: 3, signal: null } });
});

test("stop-command runs first, as the service does, and then what lives gets the stop signal", async () => {
  const code = 'trap "echo TERM >> order; exit 0" TERM; echo armed; while :; do sleep 0.02; done';
  const { p } = shell(code, `stop-command = { shell = 'echo "command $MAINPID $RIND_SERVICE" >> order; echo said' }`);
  const daemon = await p.up();
  await printed(daemon, "out", /armed/);
  const { pid } = (await p.json("status", "g@s")) as ServiceRow;
  const { row } = await stop(p);
  expect(row).toMatchObject({ phase: "exited", exit: { code: 0, signal: null } });
  expect(readFileSync(join(p.folder, "order"), "utf8")).toBe(`command ${pid} g@s\nTERM\n`);
  expect((await p.rind("logs", "g@s")).out).toContain("said");
});

test("a service that its stop-command ends gets no signal, and is down when the command has ended too", async () => {
  const code = 'trap "echo TERM >> order" TERM; echo armed; while [ ! -e go ]; do sleep 0.02; done; echo end >> order';
  const { p } = shell(code, `stop-command = { shell = 'touch go; sleep 0.5; echo done >> order' }`);
  await printed(await p.up(), "out", /armed/);
  const { row } = await stop(p);
  expect(row).toMatchObject({ phase: "exited", exit: { code: 0, signal: null } });
  expect(readFileSync(join(p.folder, "order"), "utf8")).toBe("end\ndone\n");
});

test("a stop-command that hangs shares the time of the stop, and is killed with the service", async () => {
  const { p, mark } = shell(
    'trap "" TERM; echo armed; while :; do sleep 0.02; done',
    'stop-command = { shell = "sleep 1000" }\nstop-timeout = "500ms"',
  );
  await printed(await p.up(), "out", /armed/);
  const { row, ms } = await stop(p);
  expect(row?.exit).toEqual({ code: null, signal: "SIGKILL" });
  expect(ms).toBeLessThan(500 + SLACK_MS);
  expect(livingWith(mark)).toEqual([]);
});

test("a stop-command that cannot be run or fails is logged, and the stop signal ends the service", async () => {
  const { p } = shell("echo armed; exec sleep 1000", 'stop-command = ["/nonexistent/program"]');
  const daemon = await p.up();
  await printed(daemon, "out", /armed/);
  const { row } = await stop(p);
  expect(row).toMatchObject({ phase: "exited", exit: { code: null, signal: "SIGTERM" } });
  await printed(daemon, "err", /stop-command failed/);
});

test("a service that forks without an end, into sessions of their own, is gone after its kill", async () => {
  const bomb = `while :; do setsid sh -c 'trap "" TERM; sleep 20' & sleep 0.005; done`;
  const { p, mark } = shell(`trap "" TERM; bomb() { ${bomb}; }; bomb & bomb & echo armed; wait; wait; sleep 20`, 'stop-timeout = "300ms"');
  await printed(await p.up(), "out", /armed/);
  const { row } = await stop(p);
  expect(row?.phase).toBe("exited");
  expect(livingWith(mark)).toEqual([]);
});
