import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { processStart } from "../../src/process/start-times.ts";
import { phaseOf } from "./await-phase.ts";
import { printed, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run } from "./program.ts";

const SLEEPER = '[[service]]\nname = "s"\nrun = "sleep 600"\n';

function shell(name: string, code: string, more = ""): string {
  return `[[service]]\nname = "${name}"\nrun.shell = ${JSON.stringify(code)}\n${more}\n`;
}

const ONCE = 'type = "oneshot"\nrestart = false';

/** The narration: of stderr, what is neither a line of a service nor of the log. */
function narration(err: string): string[] {
  return err.split("\n").filter((line) => line !== "" && !line.startsWith("{") && !line.includes(" | "));
}

test("000-1, 000-2, 000-11, 000-12, 000-23, 002-1, 002-3: one command starts all services of a folder, and each line has the name of who printed it", async () => {
  const p = project({
    "flows/g.toml": `[[service]]\nname = "list"\nrun = ["/bin/echo", "$HOME", "a  b"]\n${shell("code", "echo $((1 + 1)); echo bad >&2")}${SLEEPER}`,
  });
  const daemon = await p.up();
  await printed(daemon, "out", /^g@list \| \$HOME a {2}b$/m);
  await printed(daemon, "out", /^g@code \| 2$/m);
  await printed(daemon, "err", /^g@code \| bad$/m);
  await phaseOf(p, "g@s", "running");
});

test("002-2: a relative folder of a service starts in that of the project", async () => {
  const p = project({ "flows/g.toml": `${shell("s", "pwd", ONCE)}run.cwd = "./public"\n`, "public/index.html": "" });
  const { code, out } = await p.rind("up");
  expect([code, out]).toEqual([0, `g@s | ${join(p.folder, "public")}\n`]);
});

test("up tells what becomes of services, in order, each once, and that all are ready", async () => {
  const p = project({
    "flows/g.toml": `${shell("db", "echo up; sleep 600")}${shell("job", "while [ ! -e go ]; do sleep 0.01; done", `${ONCE}\nafter = ["db"]`)}${shell("web", "sleep 600", 'after = [{ service = "job", is = "succeeded" }]')}`,
  });
  const daemon = await p.up();
  await printed(daemon, "err", /^g@web: waiting for .*g@job/m);
  p.write("go", "");
  await printed(daemon, "err", /^all services ready$/m);
  const lines = narration(daemon.err());
  for (const line of ["g@db: starting", "g@db: ready", "g@job: starting", "g@web: starting", "g@web: ready", "all services ready"]) {
    expect(lines.filter((told) => told === line)).toEqual([line]);
  }
  expect(lines.indexOf("g@db: ready")).toBeLessThan(lines.indexOf("g@job: starting"));
  expect(lines.indexOf("g@job: starting")).toBeLessThan(lines.indexOf("g@web: starting"));
  expect(lines.at(-1)).toBe("all services ready");
  // what is narrated is not told by the log once more
  expect(daemon.err()).not.toContain('"phase"');
});

test("up tells of restarts and failures with their reason, and that not all are ready", async () => {
  const p = project({
    "flows/g.toml": `${SLEEPER}${shell("bad", "exit 3", 'type = "oneshot"\nrestart = { max-retries = 1, delay = "50ms" }')}`,
  });
  const daemon = await p.up();
  await printed(daemon, "err", /^not all services are ready: g@bad failed$/m);
  const lines = narration(daemon.err());
  expect(lines).toContainEqual(expect.stringMatching(/^g@bad: restarting .*exit code 3.* 50ms/));
  expect(lines).toContainEqual(expect.stringMatching(/^g@bad: failed: exit code 3/));
  expect(lines).not.toContain("all services ready");
});

test("up --quiet prints nothing of services and nothing of what becomes of them", async () => {
  const p = project({ "flows/g.toml": shell("s", "echo out; echo err >&2; exit 0", ONCE) });
  expect(await p.rind("up", "--quiet")).toEqual({ code: 0, out: "", err: "" });
});

test("up ends with 0 when all its services have ended well, and has printed all that they printed", async () => {
  const p = project({ "flows/g.toml": `${shell("a", "seq 1 20000", ONCE)}${shell("b", "echo b; exit 0")}` });
  const { code, out, err } = await p.rind("up");
  expect(code).toBe(0);
  const lines = out.split("\n");
  expect(lines.filter((line) => line.startsWith("g@a | "))).toHaveLength(20_000);
  expect(lines).toContain("g@b | b");
  expect(narration(err)).toContain("all services ready");
});

test("000-8: up ends with the worst exit code when the last service has failed: four runs with three retries", async () => {
  const p = project({
    "flows/g.toml": `${shell("a", "echo again; exit 3", 'restart = { max-retries = 3, delay = "20ms" }')}${shell("b", "exit 2", ONCE)}${shell("c", "exit 0", ONCE)}`,
  });
  const { code, out, err } = await p.rind("up");
  expect([code, out]).toEqual([3, "g@a | again\n".repeat(4)]);
  expect(err).toContain("g@a: failed: exit code 3; gave up after 3 retries");
});

test("000-7: with restart never there is one run, whatever it ends with, and up ends with 128 and the signal that killed it", async () => {
  const p = project({ "flows/g.toml": shell("a", "echo once; kill -KILL $$", 'restart = "never"') });
  const { code, out } = await p.rind("up");
  expect([code, out]).toEqual([137, "g@a | once\n"]);
});

test("000-9, 000-10: with restart always it runs again after exit 0 too, with the delay in between", async () => {
  const p = project({
    "flows/g.toml": shell("a", "date +%s%3N; exit 0", 'restart = { on = "always", max-retries = 2, delay-ms = 300, backoff = 1 }'),
  });
  const { code, out } = await p.rind("up");
  const times = [...out.matchAll(/\| (\d+)/g)].map(([, time]) => Number(time));
  expect(times).toHaveLength(3);
  for (const [i, time] of times.slice(1).entries()) expect(time - (times[i] ?? 0)).toBeGreaterThanOrEqual(300);
  expect(code).toBe(1);
});

test("up ends with 1 when what is left waits for what has failed, and says for what it waits", async () => {
  const p = project({ "flows/g.toml": `${shell("a", "exit 1", ONCE)}${shell("b", "echo b", 'requires = ["a"]')}` });
  const { code, out, err } = await p.rind("up");
  expect([code, out]).toEqual([1, ""]);
  expect(err).toMatch(/^g@b never started: it waits for .*g@a/m);
});

test("up goes on while a start-on could start a service, or one that was stopped by hand rests", async () => {
  const p = project({
    "flows/g.toml": `[[signal]]\nname = "go"\n${shell("a", "exit 0", ONCE)}${shell("b", "echo b; exit 4", `${ONCE}\nstart-on = [{ signal = "go" }]`)}`,
    "other/h.toml": '[[service]]\nname = "s"\nrun = "sleep 600"\n',
  });
  const daemon = await p.up();
  await phaseOf(p, "g@a", "exited");
  expect((await p.rind("emit", "g@go")).code).toBe(0);
  await phaseOf(p, "g@b", "failed");
  expect((await p.json("list")) as object).toHaveProperty("services");
  await p.rind("down");
  // somebody asked for the end
  expect(await daemon.ended).toBe(0);

  const other = await p.up("other");
  await p.rind("stop", "h@s");
  expect((await p.rind("start", "h@s")).code).toBe(0);
  await p.rind("down");
  expect(await other.ended).toBe(0);
});

test("up ends with 1 when on-unhealthy = stop has stopped its only service", async () => {
  const health = 'health = { exec = "false", period = "50ms", on-unhealthy = "stop" }';
  const p = project({ "flows/g.toml": `[[service]]\nname = "s"\nrun = ["sleep", "1000"]\n${health}\n` });
  expect((await p.rind("up")).code).toBe(1);
});

test("up waits for the scripts of hooks before it ends, and goes on with what they start", async () => {
  const p = project({
    "flows/g.toml": `${shell("a", "exit 0", `${ONCE}\non-stop = [{ script = "sleep 0.3; echo hook" }, { service = "b", action = "start" }]`)}${shell("b", "echo b", `${ONCE}\nstatus = "stop"`)}`,
  });
  const { code, out } = await p.rind("up");
  expect([code, out]).toEqual([0, "g@a | hook\ng@b | b\n"]);
});

test("up -d ends by itself in the same way", async () => {
  const p = project({ "flows/g.toml": shell("a", "sleep 0.5; exit 3", ONCE) });
  const up = await p.rind("up", "-d");
  expect(up.code).toBe(0);
  const pid = Number(/pid (\d+)/.exec(up.out)?.[1]);
  const client = await p.client();
  await client.closed;
  expect((await p.rind("list")).code).toBe(69);
  await expect.poll(() => processStart(pid), { timeout: 20_000 }).toBeUndefined();
});

test("up DIR SERVICE starts these services and what they pull in, after a reload too, and the rest by hand only", async () => {
  const p = project({
    "units/g.toml": `${shell("api", "sleep 600", 'requires = ["db"]')}${shell("db", "sleep 600")}${SLEEPER}`,
  });
  const daemon = await p.up("units", "api");
  await printed(daemon, "err", /^all services ready$/m);
  const phases = async (): Promise<string[]> =>
    ((await p.json("list")) as { services: { name: string; phase: string }[] }).services.map(({ name, phase }) => `${name} ${phase}`);
  expect(await phases()).toEqual(["g@api running", "g@db running", "g@s inactive"]);
  p.write(
    "units/g.toml",
    `${shell("api", "sleep 600", 'requires = ["db"]')}${shell("db", "sleep 600")}${SLEEPER}${shell("t", "sleep 600")}`,
  );
  expect((await p.rind("reload")).code).toBe(0);
  expect(await phases()).toEqual(["g@api running", "g@db running", "g@s inactive", "g@t inactive"]);
  expect((await p.rind("start", "g@s")).code).toBe(0);
  expect(await phases()).toContain("g@s running");
});

test("up SERVICE takes a word that is no folder for a service of the usual folder", async () => {
  const p = project({ "flows/g.toml": `${shell("a", "echo a", ONCE)}${shell("b", "echo b", ONCE)}` });
  expect(await p.rind("up", "b")).toMatchObject({ code: 0, out: "g@b | b\n" });
  mkdirSync(join(p.folder, "b"));
  // now it is a folder, without units
  expect(await p.rind("up", "b")).toMatchObject({ code: 0, out: "" });
});

test("up SERVICE of a name that is declared nowhere starts nothing, names the nearest, and ends with 66", async () => {
  const p = project({ "flows/g.toml": shell("server", "echo a", ONCE) });
  for (const words of [
    ["up", "sever"],
    ["up", "-d", "sever"],
  ]) {
    const { code, out, err } = await p.rind(...words);
    expect([code, out]).toEqual([66, ""]);
    expect(err).toContain("rind: no service sever, and no folder of that name (did you mean server?");
  }
});

test("[settings] path is the PATH of services that say nothing else", async () => {
  const p = project({
    "flows/g.toml": `[settings]\npath = "/usr/bin:/bin:/opt/own"\n${shell("a", "echo $PATH", ONCE)}${shell("b", "echo $PATH", ONCE)}run.env = { PATH = "/bin:/b" }\n`,
  });
  const { out } = await p.rind("up");
  expect(out.trim().split("\n").sort()).toEqual(["g@a | /usr/bin:/bin:/opt/own", "g@b | /bin:/b"]);
});

test("N138: a service that reads its stdin is at its end at once", async () => {
  const p = project({ "flows/g.toml": shell("s", "cat; echo end", ONCE) });
  const daemon = run(RUNNER, [RIND, "up"], { cwd: p.folder, env: p.env, input: "not for services\n" });
  expect(await daemon.ended).toBe(0);
  expect(daemon.out()).toBe("g@s | end\n");
});

test("N139: an environment of 300 kB reaches the service", async () => {
  const p = project({ "flows/g.toml": shell("s", "env | wc -c", ONCE) });
  // one variable may have 128 KiB (execve(2)), so it takes three
  const big = Object.fromEntries(["A", "B", "C"].map((name) => [`BIG_${name}`, "x".repeat(100_000)]));
  const daemon = run(RUNNER, [RIND, "up"], { cwd: p.folder, env: { ...p.env, ...big } });
  expect(await daemon.ended).toBe(0);
  expect(Number(/g@s \| (\d+)/.exec(daemon.out())?.[1])).toBeGreaterThan(300_000);
});
