import { connect } from "node:net";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { processStart } from "../../src/process/start-times.ts";
import { printed, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run } from "./program.ts";

/** For units without a service. */
const STAYS = '[settings]\non-empty = "wait"\n';
const SLEEPER = '[[service]]\nname = "s"\nrun = "sleep 600"\n';

test("services print with their name, stdout to stdout and stderr to stderr", async () => {
  const p = project({ "flows/g.toml": '[[service]]\nname = "s"\nrun.shell = "echo out; echo err >&2; sleep 600"\n' });
  const daemon = await p.up();
  await printed(daemon, "out", /^g@s \| out$/m);
  await printed(daemon, "err", /^g@s \| err$/m);
});

test("24: environment and arguments arrive unchanged in a real process", async () => {
  const p = project({
    "flows/g.toml": `[[service]]
name = "s"
type = "oneshot"
run.exec = "${process.execPath}"
run.args = ["-e", "console.log(JSON.stringify([process.argv.slice(1), process.env.A, process.env.B]))", "a b", "$HOME", "*", "ü"]
run.env = { A = "1  2", B = 8080 }
`,
  });
  const daemon = await p.up();
  const [, line] = await printed(daemon, "out", /^g@s \| (\[\[.*)$/m);
  expect(JSON.parse(line ?? "")).toEqual([["a b", "$HOME", "*", "ü"], "1  2", "8080"]);
});

test("SIGTERM ends everything in order, removes the socket, and exits with 0", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  const daemon = await p.up();
  const { pid } = (await p.json("status", "g@s")) as { pid: number };
  daemon.child.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
  expect(processStart(pid)).toBeUndefined();
  expect(existsSync(p.socket)).toBe(false);
});

test("37: a stop that is ignored becomes a kill, grandchildren in the group too", async () => {
  const p = project({
    "flows/g.toml": `[[service]]
name = "s"
stop-timeout = "300ms"
run.shell = "trap '' TERM; (trap '' TERM; while :; do sleep 600; done) & echo child $!; while :; do sleep 600; done"
`,
  });
  const daemon = await p.up();
  const [, child] = await printed(daemon, "out", /child (\d+)/);
  const { pid } = (await p.json("status", "g@s")) as { pid: number };
  const stopped = await p.json("stop", "g@s");
  expect(stopped).toMatchObject([{ phase: "exited", reason: "stop by hand; killed, as it did not end within 300ms" }]);
  expect([processStart(pid), processStart(Number(child))]).toEqual([undefined, undefined]);
});

test("38: stop --force kills at once", async () => {
  const p = project({ "flows/g.toml": '[[service]]\nname = "s"\nrun.shell = "trap \'\' TERM; echo up; while :; do sleep 600; done"\n' });
  const daemon = await p.up();
  await printed(daemon, "out", /up/);
  expect(await p.json("stop", "g@s", "--force")).toMatchObject([{ phase: "exited", exit: { code: null, signal: "SIGKILL" } }]);
});

test("a second SIGINT kills at once what is still stopping", async () => {
  const p = project({
    "flows/g.toml": '[[service]]\nname = "s"\nrun.shell = "trap \'echo ignored\' TERM; echo up; while :; do sleep 1; done"\n',
  });
  const daemon = await p.up();
  await printed(daemon, "out", /up/);
  daemon.child.kill("SIGINT");
  await printed(daemon, "out", /ignored/);
  daemon.child.kill("SIGINT");
  expect(await daemon.ended).toBe(0);
});

test("36: a program that is not there leaves its service failed, with the reason in status and why", async () => {
  const p = project({ "flows/g.toml": '[[service]]\nname = "s"\nrun = "/nowhere/program"\n', "flows/h.toml": SLEEPER });
  await p.up();
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "failed", reason: expect.stringContaining("/nowhere/program") as string });
  expect((await p.rind("why", "g@s")).out).toContain("/nowhere/program");
  expect((await p.rind("start", "g@s")).code).toBe(1);
});

test("61: auto-payload makes the payload of a state that becomes active without one", async () => {
  const p = project({
    "flows/g.toml": `
${STAYS}
[[state]]
name = "one"
branch = ["k"]
auto-payload = { eval = "/bin/echo", args = ["line1"], insert = "k" }
activate-on-none = ["off"]
[[state]]
name = "two"
branch = ["a"]
auto-payload = { eval = "/bin/sh", args = ["-c", "echo x; echo y"], insert = ["a", "b"] }
[[state]]
name = "all"
auto-payload = { eval = "/bin/echo", args = ['{"id": 7, "n": [1]}'], insert = "root" }
[[state]]
name = "off"
payload = "none"
`,
  });
  await p.up();
  const events = await p.client();
  for (const name of ["g@two", "g@all"]) {
    const feed = await events.follow("event.subscribe", { names: [name] });
    await p.rind("set", name);
    for await (const { facts } of feed) if (facts.some((fact) => fact.kind === "state" && fact.name === name)) break;
  }
  expect(await p.json("get", "g@one")).toEqual([{ k: "line1" }]);
  expect(await p.json("get", "g@two")).toEqual([{ a: "x", b: "y" }]);
  expect(await p.json("get", "g@all")).toEqual([{ id: 7, n: [1] }]);
});

test("94: scripts and programs of hooks run, one after the other, with the service's name in the log", async () => {
  const p = project({
    "flows/g.toml": `[[service]]
name = "s"
run = "sleep 600"
run.env = { WHO = "me" }
on-start = [{ script = "sleep 0.2; echo first $WHO; echo first >> order" }, { exec = "/bin/sh", args = ["-c", "echo second >> order; echo done"] }]
`.replace('run = "sleep 600"\nrun.env', 'run.exec = "sleep"\nrun.args = ["600"]\nrun.env'),
  });
  const daemon = await p.up();
  await printed(daemon, "out", /^g@s \| done$/m);
  expect(daemon.out()).toContain("g@s | first me\n");
  expect(readFileSync(join(p.folder, "order"), "utf8")).toBe("first\nsecond\n");
});

test("87: a client of a subscriber socket gets the current value, then each set and unset", async () => {
  const p = project({ "flows/g.toml": `${STAYS}[[state]]\nname = "A"\nsubscribers = [{ id = "uds", options = ["a.sock"] }]\n` });
  await p.up();
  await p.rind("set", "g@A", "id=1");
  const lines: unknown[] = [];
  const socket = connect(join(p.folder, "a.sock"));
  const three = new Promise<void>((resolve, reject) => {
    let text = "";
    socket.on("error", reject);
    socket.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
        lines.push(JSON.parse(text.slice(0, end)));
        text = text.slice(end + 1);
        if (lines.length === 1) void p.rind("set", "g@A", "id=2").then(() => p.rind("unset", "g@A", "id=1"));
        if (lines.length === 3) resolve();
      }
    });
  });
  await three;
  socket.destroy();
  expect(lines).toEqual([
    { type: "state", name: "g@A", action: "set", payload: { id: "1" } },
    { type: "state", name: "g@A", action: "set", payload: { id: "2" } },
    { type: "state", name: "g@A", action: "unset", payload: { id: "1" } },
  ]);
});

test("104: rind up refuses units with errors and names file, line and column of each", async () => {
  const p = project({ "flows/a.toml": '[[service]]\nname = "s"\nrun = \n', "flows/b.toml": '[[service]]\nname = "t"\nrum = "x"\n' });
  const { code, err } = await p.rind("up");
  expect(code).toBe(78);
  expect(err).toMatch(/a\.toml:3:7: /);
  expect(err).toMatch(/b\.toml:3:1: .*rum.*run/);
});

test("107: a reload with a syntax error keeps everything as it was; once mended it takes effect", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  await p.up();
  const before = await p.json("list");
  p.write("flows/g.toml", `${SLEEPER}[[service]\n`);
  const broken = await p.rind("reload");
  expect([broken.code, /g\.toml:4:/.test(broken.err)]).toEqual([78, true]);
  expect(await p.json("list")).toEqual(before);
  p.write("flows/g.toml", `${SLEEPER}[[service]]\nname = "t"\nrun = "sleep 600"\n`);
  expect(await p.json("reload")).toMatchObject({ added: ["g@t"] });
  expect(await p.json("status", "g@t")).toMatchObject({ phase: "running" });
});

test("109: an unknown service is an error with a name that is close, and exit code 66", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  await p.up();
  for (const verb of ["status", "start", "stop", "restart", "why", "logs"]) {
    const { code, err } = await p.rind(verb, "g@z");
    expect([verb, code]).toEqual([verb, 66]);
    expect(err).toMatch(/^rind: n.* g@z/);
  }
});

test("up -d runs in the background, answers when it is up, and down ends it", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  const up = await p.rind("up", "-d");
  expect([up.code, up.err]).toEqual([0, ""]);
  const { pid } = (await p.json("status", "g@s")) as { pid: number };
  const second = await p.rind("up", "-d");
  expect(second.code).not.toBe(0);
  expect(second.err).toMatch(/already|in use|holds/);
  expect((await p.rind("down")).code).toBe(0);
  expect(processStart(pid)).toBeUndefined();
  expect((await p.rind("list")).code).toBe(69);
});

test("a second daemon of a project is refused, in the foreground too, with the pid of the first", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  const first = await p.up();
  const { code, err } = await p.rind("up");
  expect(code).toBe(1);
  expect(err).toContain(`rind: a daemon runs already at ${p.socket} (pid ${first.child.pid})`);
});

test("where nothing can be written but its own files the daemon runs, and says that its socket must be named", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  const daemon = run(RUNNER, [RIND, "up"], { cwd: p.folder, env: { ...p.env, XDG_RUNTIME_DIR: join(p.folder, "flows/g.toml") } });
  await printed(daemon, "err", /"rind is up"/);
  expect(daemon.err()).toContain("name its socket with --socket");
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "running" });
  expect((await p.rind("down")).code).toBe(0);
  expect(await daemon.ended).toBe(0);
});

test("a socket that cannot be made ends the daemon with a reason, before anything has started", async () => {
  const p = project({ "flows/g.toml": '[[service]]\nname = "s"\ntype = "oneshot"\nrun.shell = "touch started"\n' });
  const { code, err } = await p.rind("up", "--socket", join(p.folder, "x".repeat(200)));
  expect([code, /^rind: .*socket/m.test(err)]).toEqual([1, true]);
  expect(existsSync(join(p.folder, "started"))).toBe(false);
});

test("up -d of units with errors prints them and exits with 78", async () => {
  const p = project({ "flows/g.toml": "[[service]]\n" });
  const { code, err } = await p.rind("up", "-d");
  expect(code).toBe(78);
  expect(err).toMatch(/g\.toml:1:/);
});

test("logs -f goes on from what is kept, with no line lost or told twice", async () => {
  const p = project({
    "flows/g.toml": `[[service]]\nname = "s"\nrun.shell = "i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo line $i; [ $((i % 100)) = 0 ] && sleep 0.05; done; sleep 600"\n`,
  });
  await p.up();
  const follower = run(RUNNER, [RIND, "logs", "g@s", "-f", "--json"], { cwd: p.folder, env: p.env });
  await printed(follower, "out", /line 500/);
  const seen = follower
    .out()
    .trim()
    .split("\n")
    .map((text) => (JSON.parse(text) as { line: string }).line);
  expect(seen).toEqual(Array.from({ length: 500 }, (_, i) => `line ${i + 1}`));
  follower.child.kill("SIGINT");
  expect(await follower.ended).toBe(0);
});

test("the log is told as json where there is no terminal, beside the lines for people", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  const daemon = await p.up();
  await printed(daemon, "err", /^g@s: ready$/m);
  const log = daemon
    .err()
    .trim()
    .split("\n")
    .filter((line) => !/^(g@s: |all services ready)/.test(line));
  expect(log.length).toBeGreaterThan(0);
  for (const line of log) expect(JSON.parse(line)).toHaveProperty("level");
});

test("on a terminal up tells what becomes of services in lines for people", async () => {
  const p = project({ "flows/g.toml": SLEEPER });
  // script(1) gives it a terminal.
  const terminal = run("script", ["-qec", `"${RUNNER}" "${RIND}" up`, "/dev/null"], { cwd: p.folder, env: p.env });
  await printed(terminal, "out", /rind is up/);
  await p.rind("down");
  expect(await terminal.ended).toBe(0);
  expect(terminal.out()).toMatch(/^\S*g@s\S*: \S*ready/m);
  expect(terminal.out()).not.toContain('{"level"');
});
