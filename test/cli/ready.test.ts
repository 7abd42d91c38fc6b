import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { findProgram } from "../../src/process/find-program.ts";
import { lives } from "../support/lives.ts";
import { buildsSends } from "../support/sends.ts";
import { phaseOf } from "./await-phase.ts";
import { IS_ROOT } from "../support/is-root.ts";
import { type Project, printed, project } from "./daemon-rig.ts";
import { copyProgram, run } from "./program.ts";

/** Readiness, health and signs of life of real processes, through the program. */

const SYSTEMD_NOTIFY = findProgram("systemd-notify", process.env["PATH"], "/").ok;
const SENDS = buildsSends();
const PATIENCE = { timeout: 15_000, interval: 50 };

async function row(p: Project, name: string): Promise<ServiceRow> {
  return (await p.json("status", name)) as ServiceRow;
}

/** The first row of the service that `wanted` is true of. */
async function rowWhen(p: Project, name: string, wanted: (row: ServiceRow) => boolean): Promise<ServiceRow> {
  const client = await p.client();
  let found: ServiceRow | undefined;
  const look = async (): Promise<ServiceRow | undefined> => {
    found = (await client.call("service.list", {})).find((one) => one.name === name && wanted(one));
    return found;
  };
  await expect.poll(look, PATIENCE).toBeDefined();
  if (found === undefined) throw new Error(`${name} was never so`);
  return found;
}

/** How often a service wrote a line into `runs`. */
function runs(p: Project): number {
  const path = join(p.folder, "runs");
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").length - 1 : 0;
}

/** With one service that keeps the daemon up, whatever becomes of the others. */
const KEEPER = '[[service]]\nname = "keeper"\nrun = "sleep 1000"\n';

async function up(services: string): Promise<Project> {
  const p = project({ "flows/g.toml": KEEPER + services });
  await p.up();
  return p;
}

/** A server that answers with these statuses, the last of them again and again. */
async function answering(...statuses: number[]): Promise<{ readonly port: number; readonly asked: () => number }> {
  let asked = 0;
  const server = createServer((_, response) => {
    response.writeHead(statuses[Math.min(asked, statuses.length - 1)] ?? 200).end();
    asked += 1;
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, asked: () => asked };
}

test("N43: 002-15: 002-18: a marker file that comes later makes it ready, and what waits for it starts then", async () => {
  const p = await up(`
[[service]]
name = "s"
run.shell = "sleep 0.2; touch marker; exec sleep 1000"
ready = { exec = "test -f marker", period = "100ms" }
[[service]]
name = "follower"
run.shell = "test -f marker && echo the marker is there; exec sleep 1000"
after = ["s"]
`);
  await phaseOf(p, "g@follower", "running");
  expect(await row(p, "g@s")).toMatchObject({ phase: "running", ready: true });
  await expect.poll(async () => (await p.rind("logs", "g@follower")).out, PATIENCE).toContain("the marker is there");
});

test("N44: 002-16: a server that answers 503 twice is ready with its third answer, and says meanwhile what it answers", async () => {
  const server = await answering(503, 503, 200);
  const p = await up(`
[[service]]
name = "s"
run = "sleep 1000"
ready = { http.get = { port = ${server.port}, path = "/health" }, period = "1500ms" }
`);
  const starting = await rowWhen(p, "g@s", ({ waiting }) => waiting.some((text) => text.includes("503")));
  expect(starting).toMatchObject({ phase: "starting", ready: false });
  expect(starting.waiting[0]).toContain(`ready: http 127.0.0.1:${server.port}/health answered 503`);
  expect((await p.rind("status", "g@s")).out).toContain("answered 503");
  await phaseOf(p, "g@s", "running");
  expect(server.asked()).toBe(3);
});

test("N61: 004-H1: an answer other than the one that is asked for is a failure; 004-H8: 004-H9: failures in a row are shown, and no more", async () => {
  const server = await answering(200);
  const p = await up(`
[[service]]
name = "s"
run.shell = "echo run >> runs; exec sleep 1000"
health = { http.get = { port = ${server.port}, status = 204 }, period = "50ms", failure-threshold = 3 }
`);
  const unhealthy = await rowWhen(p, "g@s", ({ healthy }) => healthy === false);
  expect(unhealthy).toMatchObject({ phase: "running", ready: true, restarts: 0 });
  expect(unhealthy.reason).toContain("answered 200 (3 failures)");
  expect(server.asked()).toBeGreaterThanOrEqual(3);
  expect(runs(p)).toBe(1);
});

test("004-H2: a port that takes connections makes it healthy, and one that is closed unhealthy", async () => {
  const p = await up(`
[[service]]
name = "s"
run = "sleep 1000"
health = { tcp = "127.0.0.1:1", period = "50ms" }
`);
  expect((await rowWhen(p, "g@s", ({ healthy }) => healthy === false)).reason).toContain("tcp 127.0.0.1:1: connection refused");
});

test("an unhealthy service is restarted where its unit says so", async () => {
  const p = await up(`
[[service]]
name = "s"
run.shell = "echo run >> runs; rm -f marker; exec sleep 1000"
health = { exec = "test ! -f marker", period = "50ms", on-unhealthy = "restart" }
restart = { delay = "50ms" }
`);
  await rowWhen(p, "g@s", ({ healthy }) => healthy === true);
  p.write("marker", "");
  await expect.poll(() => runs(p), PATIENCE).toBe(2);
  expect(await rowWhen(p, "g@s", ({ healthy }) => healthy === true)).toMatchObject({ restarts: 1 });
});

test("N54: three successes in a row are what success-threshold = 3 means: a failure in between begins anew", async () => {
  const server = await answering(200, 200, 503, 200, 200, 200);
  const p = await up(`
[[service]]
name = "s"
run = "sleep 1000"
ready = { http.get.port = ${server.port}, period = "50ms", success-threshold = 3 }
`);
  await phaseOf(p, "g@s", "running");
  expect(server.asked()).toBe(6);
});

test("N56: 004-H6: a probe that hangs is killed with its children each time, and none pile up", async () => {
  const p = await up(`
[[service]]
name = "s"
run = "sleep 1000"
ready = { exec = "echo $$ >> pids; sleep 4000 & setsid sleep 4000 & wait", period = "50ms", timeout = "200ms" }
`);
  const pids = (): string[] => (existsSync(join(p.folder, "pids")) ? readFileSync(join(p.folder, "pids"), "utf8").trim().split("\n") : []);
  await expect.poll(() => pids().length, PATIENCE).toBeGreaterThan(8);
  const before = pids().slice(0, -1);
  await expect.poll(() => before.filter(lives), PATIENCE).toEqual([]);
  expect(sleepers(p).length).toBeLessThanOrEqual(4);
  expect((await row(p, "g@s")).waiting[0]).toMatch(/killed, as it took longer than 200ms \(\d+ failures\)/);
  await p.rind("stop", "g@s");
  await expect.poll(() => sleepers(p), PATIENCE).toEqual([]);
});

/** Processes of this project that sleep for 4000 seconds. */
function sleepers({ folder }: Project): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return (
        readFileSync(`/proc/${pid}/cmdline`, "latin1") === "sleep\0" + "4000\0" &&
        readFileSync(`/proc/${pid}/environ`, "latin1").includes(folder)
      );
    } catch {
      return false;
    }
  });
}

test("N58: a probe that cannot be run is tried at its pace, with the reason in sight", async () => {
  const p = await up(`
[[service]]
name = "s"
run = "sleep 1000"
ready = { exec = ["/no/such/program"], period = "200ms" }
`);
  const before = { cpu: cpuMs(p), time: Date.now() };
  const failures = ({ waiting: [text = ""] }: ServiceRow): number => Number(/ \((\d+) failures\)/.exec(text)?.[1]);
  const { waiting } = await rowWhen(p, "g@s", (one) => failures(one) >= 10);
  expect(waiting[0]).toContain("ready: exec /no/such/program: there is no program /no/such/program (");
  expect(cpuMs(p) - before.cpu).toBeLessThan((Date.now() - before.time) * 0.2);
});

/** Processor time of the daemon so far. */
function cpuMs({ folder }: Project): number {
  const [registered] = readdirSync(join(folder, "rind")).filter((name) => name.endsWith(".json"));
  const { pid } = JSON.parse(readFileSync(join(folder, "rind", String(registered)), "utf8")) as { pid: number };
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

test("N59: 002-19: 004-H7: nobody looks before the initial delay is over", async () => {
  const p = await up(`
[[service]]
name = "s"
run.shell = "date +%s%N > begun; exec sleep 1000"
ready = { exec = "date +%s%N >> looked", initial-delay = "1s" }
`);
  await phaseOf(p, "g@s", "running");
  const [begun, looked] = ["begun", "looked"].map((file) => Number(readFileSync(join(p.folder, file), "utf8").split("\n")[0]) / 1e6);
  // the process was up a little before its own clock was read
  expect(Number(looked) - Number(begun)).toBeGreaterThan(900);
});

test("a line of its output makes it ready", async () => {
  const p = await up(`
[[service]]
name = "s"
run.shell = "echo warming up; sleep 0.2; echo listening on 80 >&2; exec sleep 1000"
ready.log = "listening on [0-9]+"
[[service]]
name = "never"
run.shell = "echo warming up; exec sleep 1000"
ready.log = "listening on [0-9]+"
`);
  await phaseOf(p, "g@s", "running");
  expect((await row(p, "g@never")).waiting[0]).toContain("ready: a line that matches /listening on [0-9]+/: not yet");
});

test("exec probes run as the service does, in its folder and environment", async () => {
  const p = project({
    "sub/here": "",
    "flows/g.toml": `
[[service]]
name = "s"
run = { exec = "sleep", args = ["1000"], cwd = "sub", env = { MODE = "blue" } }
ready = { exec = 'test -f here && test "$MODE" = blue && test "$RIND_SERVICE" = g@s && test -z "$NOTIFY_SOCKET"', period = "50ms" }
`,
  });
  await p.up();
  await phaseOf(p, "g@s", "running");
});

test.skipIf(!SYSTEMD_NOTIFY)(
  "N46: N48: 002-17: READY=1 with a STATUS makes it ready and shows what it says; what waits for it starts",
  async () => {
    const p = await up(`
[[service]]
name = "s"
type = "notify"
run.shell = "systemd-notify --status=warming; sleep 0.3; systemd-notify --ready --status='serving 3 clients'; exec sleep 1000"
[[service]]
name = "follower"
run = "sleep 1000"
after = ["s"]
`);
    await rowWhen(p, "g@s", ({ phase, status_text }) => phase === "starting" && status_text === "warming");
    await phaseOf(p, "g@follower", "running");
    expect(await row(p, "g@s")).toMatchObject({ phase: "running", ready: true, status_text: "serving 3 clients" });
    expect((await p.rind("status", "g@s")).out).toContain("serving 3 clients");
  },
);

test("N47: what makes no sense on the notify socket does nothing; the next word counts", async () => {
  const p = await up(`
[[service]]
name = "s"
ready.notify = true
run.shell = """
echo run >> runs
${SENDS} $NOTIFY_SOCKET text '' '=VALUE' garbage READY READY=0 'X=1' WATCHDOG_USEC=soon MAINPID=x
${SENDS} $NOTIFY_SOCKET size 100000
touch said; until test -f go; do sleep 0.05; done
${SENDS} $NOTIFY_SOCKET text READY=1
exec sleep 1000"""
`);
  await expect.poll(() => existsSync(join(p.folder, "said")), PATIENCE).toBe(true);
  expect(await row(p, "g@s")).toMatchObject({ phase: "starting", status_text: null });
  p.write("go", "");
  await phaseOf(p, "g@s", "running");
  expect(runs(p)).toBe(1);
});

test("who belongs to another service is not heard, and that is logged once", async () => {
  const p = project({
    "flows/g.toml": `
[[service]]
name = "s"
ready.notify = true
run.shell = "echo $NOTIFY_SOCKET > s.path; mv s.path path; until test -f go; do sleep 0.05; done; ${SENDS} $NOTIFY_SOCKET text READY=1; exec sleep 1000"
[[service]]
name = "liar"
run.shell = "until test -f path; do sleep 0.05; done; for i in 1 2 3; do ${SENDS} $(cat path) heard STATUS=lies READY=1; done; touch lied; exec sleep 1000"
`,
  });
  const daemon = await p.up();
  await expect.poll(() => existsSync(join(p.folder, "lied")), PATIENCE).toBe(true);
  const [, pid] = await printed(daemon, "err", /not heard: its sender, pid (\d+) \(sends\), belongs to another service/);
  expect(Number(pid)).toBeGreaterThan(1);
  expect(await row(p, "g@s")).toMatchObject({ phase: "starting", status_text: null });
  p.write("go", "");
  await phaseOf(p, "g@s", "running");
  expect(daemon.err().match(/is not heard/g)).toHaveLength(1);
});

test.runIf(IS_ROOT)("who is of another user and not part of the service is not heard, who is part of it is", async () => {
  const p = project({
    "flows/g.toml": `
[[service]]
name = "s"
ready.notify = true
run.shell = "echo $NOTIFY_SOCKET > s.path; mv s.path path; until test -f go; do sleep 0.05; done; setpriv --reuid 65534 --clear-groups ${SENDS} $NOTIFY_SOCKET heard READY=1; exec sleep 1000"
`,
  });
  for (const folder of [p.folder, join(SENDS, "..")]) chmodSync(folder, 0o755);
  const daemon = await p.up();
  await expect.poll(() => existsSync(join(p.folder, "path")), PATIENCE).toBe(true);
  const path = readFileSync(join(p.folder, "path"), "utf8").trim();
  const stranger = run(SENDS, [path, "heard", "READY=1"], { uid: 65_534, gid: 65_534 });
  expect(await stranger.ended).toBe(0);
  await printed(daemon, "err", /not heard: its sender, pid \d+, is of another user \(uid 65534\)/);
  expect((await row(p, "g@s")).phase).toBe("starting");
  p.write("go", "");
  await phaseOf(p, "g@s", "running");
});

test("MAINPID names another process of the service as the main one: it is shown, and gets what the main process gets", async () => {
  const p = await up(`
[[service]]
name = "s"
ready.notify = true
run.shell = """
sh -c 'trap "touch reloaded" HUP; while :; do sleep 0.05; done' & echo $! > main.tmp
${SENDS} $NOTIFY_SOCKET text MAINPID=1 MAINPID=$! READY=1; mv main.tmp main; wait"""
`);
  await phaseOf(p, "g@s", "running");
  await expect.poll(() => existsSync(join(p.folder, "main")), PATIENCE).toBe(true);
  const main = Number(readFileSync(join(p.folder, "main"), "utf8"));
  expect((await row(p, "g@s")).pid).toBe(main);
  await p.rind("reload", "g@s");
  await expect.poll(() => existsSync(join(p.folder, "reloaded")), PATIENCE).toBe(true);
  expect(await row(p, "g@s")).toMatchObject({ phase: "running", restarts: 0 });
});

test("the socket of a run goes with it", async () => {
  const p = await up(`
[[service]]
name = "s"
ready.notify = true
run.shell = "${SENDS} $NOTIFY_SOCKET text READY=1; exec sleep 1000"
`);
  await phaseOf(p, "g@s", "running");
  const sockets = (): string[] => readdirSync(p.folder).filter((name) => name.startsWith("notify-"));
  expect(sockets()).toHaveLength(1);
  await p.rind("restart", "g@s");
  await phaseOf(p, "g@s", "running");
  expect(sockets()).toHaveLength(1);
  await p.rind("stop", "g@s");
  expect(sockets()).toEqual([]);
});

test("N49: 002-39: signs of life more often than the interval keep it up", async () => {
  const p = await up(`
[[service]]
name = "s"
watchdog = { interval = "1s", require-ready = false }
run.shell = "echo run >> runs; echo $WATCHDOG_USEC $$ $WATCHDOG_PID > told; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do ${SENDS} $NOTIFY_SOCKET text WATCHDOG=1; sleep 0.25; done; touch done; while :; do ${SENDS} $NOTIFY_SOCKET text WATCHDOG=1; sleep 0.25; done"
`);
  await expect.poll(() => existsSync(join(p.folder, "done")), PATIENCE).toBe(true);
  const [usec, own, pid] = readFileSync(join(p.folder, "told"), "utf8").trim().split(" ");
  expect({ usec, pid }).toEqual({ usec: "1000000", pid: own });
  expect(await row(p, "g@s")).toMatchObject({ phase: "running", restarts: 0 });
  expect(runs(p)).toBe(1);
});

test("N51: 002-41: nothing is missed before READY=1; after it, silence brings a restart", async () => {
  const p = await up(`
[[service]]
name = "s"
watchdog.interval = "400ms"
restart = { delay = "50ms" }
run.shell = "echo run >> runs; sleep 1.2; test ! -f silent && touch silent && cat runs > before && ${SENDS} $NOTIFY_SOCKET text READY=1; exec sleep 1000"
`);
  await expect.poll(() => runs(p), PATIENCE).toBe(2);
  expect(readFileSync(join(p.folder, "before"), "utf8")).toBe("run\n");
  expect((await p.rind("trace", "g@s")).out).toContain("watchdog: no sign of life for 400ms");
});

test("N52: 002-40: 002-42: who never gives a sign is killed and restarted as far as its retries go, and then has failed", async () => {
  const p = await up(`
[[service]]
name = "s"
watchdog = { interval = "200ms", require-ready = false }
restart = { max-retries = 2, delay = "50ms" }
run.shell = "trap '' TERM; echo run >> runs; while :; do sleep 0.05; done"
stop-timeout = "100ms"
`);
  await phaseOf(p, "g@s", "failed");
  expect(runs(p)).toBe(3);
  expect((await row(p, "g@s")).reason).toContain("watchdog: no sign of life for 200ms");
});

test("action = abort sends SIGABRT, WATCHDOG=trigger brings it about at once", async () => {
  const p = await up(`
[[service]]
name = "s"
watchdog = { interval = "1h", action = "abort" }
restart = { max-retries = 1, delay = "20ms" }
run.shell = "trap 'touch aborted; exit 1' ABRT; ${SENDS} $NOTIFY_SOCKET text WATCHDOG=trigger; while :; do sleep 0.05; done"
`);
  await phaseOf(p, "g@s", "failed");
  expect(existsSync(join(p.folder, "aborted"))).toBe(true);
});

test("N57: a service with another probe and a watchdog has a socket for its signs of life, and is not ended while it gives them", async () => {
  const p = await up(`
[[service]]
name = "s"
ready = { exec = "test -f marker", period = "50ms" }
watchdog.interval = "500ms"
run.shell = "echo run >> runs; touch marker; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do ${SENDS} $NOTIFY_SOCKET text WATCHDOG=1; sleep 0.1; done; touch done; rm marker; exec sleep 1000"
restart = { max-retries = 1, delay = "50ms" }
`);
  await expect.poll(() => existsSync(join(p.folder, "done")), PATIENCE).toBe(true);
  expect(runs(p)).toBe(1);
  await expect.poll(() => runs(p), PATIENCE).toBe(2);
});

test("N53: who is not ready in time has failed; EXTEND_TIMEOUT_USEC moves that", async () => {
  const p = await up(`
[[service]]
name = "late"
ready.notify = true
start-timeout = "500ms"
restart = "never"
run = "sleep 1000"
[[service]]
name = "extends"
ready.notify = true
start-timeout = "1s"
restart = "never"
run.shell = "${SENDS} $NOTIFY_SOCKET text EXTEND_TIMEOUT_USEC=10000000; sleep 1.5; ${SENDS} $NOTIFY_SOCKET text READY=1; exec sleep 1000"
`);
  await phaseOf(p, "g@late", "failed");
  expect((await row(p, "g@late")).reason).toContain("start-timeout");
  await phaseOf(p, "g@extends", "running");
});

test("without the native part a service that is to say that it is ready fails, and says what is missing", async () => {
  const p = project({ "flows/g.toml": `${KEEPER}[[service]]\nname = "s"\nready.notify = true\nrun = "sleep 1000"\n` });
  const copy = join(p.folder, "dist");
  const daemon = run(process.execPath, [copyProgram(copy, { without: ["sys.node"] }), "up"], { cwd: p.folder, env: p.env });
  await printed(daemon, "err", /"rind is up"/);
  await phaseOf(p, "g@s", "failed");
  expect((await row(p, "g@s")).reason).toContain("it cannot have a notify socket: there is no native part: it was not built");
  daemon.child.kill("SIGINT");
  await daemon.ended;
});
