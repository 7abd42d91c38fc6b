import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { printed, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run, runToEnd } from "./program.ts";

/** A service that prints one line on each stream and then stays. */
const speaker = (name: string): string =>
  `[[service]]\nname = "${name}"\nrun.shell = "echo out of ${name}; echo err of ${name} >&2; exec sleep 600"\n`;
const once = (name: string, shell: string, more = ""): string =>
  `[[service]]\nname = "${name}"\ntype = "oneshot"\nrestart = false\nrun.shell = '''${shell}'''\n${more}`;

const lines = (text: string): string[] => text.split("\n").filter((line) => line !== "");

test("N83, 000-13, 000-14, 000-16: with logging each service has a file of its own below the named folder, both streams in it", async () => {
  const p = project({
    "flows/g.toml": `[settings]\nlogging = { enable = true, dir = "my_logs" }\n${once("a", "echo one; echo two >&2")}${once("b", "printf 'three'")}`,
  });
  const { code } = await p.rind("up");
  expect(code).toBe(0);
  const folder = join(p.folder, "my_logs/logs-0");
  expect(readdirSync(folder).sort()).toEqual(["g@a.txt", "g@b.txt"]);
  expect(lines(readFileSync(join(folder, "g@a.txt"), "utf8")).sort()).toEqual(["one", "two"]);
  expect(readFileSync(join(folder, "g@b.txt"), "utf8")).toBe("three");
});

test("N84, 000-15: each run writes to a folder of its own, counted up from 0; nimi_logs is where nothing else is said", async () => {
  const p = project({ "flows/g.toml": `[settings]\nlogging = {}\n${once("a", "echo one")}` });
  for (let n = 0; n < 3; n++) expect((await p.rind("up")).code).toBe(0);
  expect(readdirSync(join(p.folder, "nimi_logs")).sort()).toEqual(["logs-0", "logs-1", "logs-2"]);
  for (const n of [0, 1, 2]) expect(readFileSync(join(p.folder, `nimi_logs/logs-${n}/g@a.txt`), "utf8")).toBe("one\n");
});

test("000-17: with logging off no folder is made", async () => {
  const p = project({ "flows/g.toml": `[settings]\nlogging = { enable = false }\n${once("a", "echo one")}` });
  await p.rind("up");
  expect(existsSync(join(p.folder, "nimi_logs"))).toBe(false);
});

test("an instance of a branching service has a file with its key, percent-encoded", async () => {
  const p = project({
    "flows/g.toml": `[settings]\nlogging = {}\n[[state]]\nname = "user"\nbranch = ["id"]\n[[service]]\nname = "s"\nbranching = { source-state = "user", key = "id" }\nrun.shell = "echo here; exec sleep 600"\n`,
  });
  const daemon = await p.up();
  await p.rind("set", "g@user", "id=a/b c");
  await printed(daemon, "out", /here/);
  await p.rind("down");
  await daemon.ended;
  expect(readdirSync(join(p.folder, "nimi_logs/logs-0"))).toEqual(["g@s_a%2Fb%20c.txt"]);
});

test("000-11, 000-12: output goes to stdout and stderr of up with the service's name, file logging on or off", async () => {
  for (const logging of ["", "[settings]\nlogging = {}\n"]) {
    const p = project({ "flows/g.toml": `${logging}${speaker("a")}${speaker("b")}` });
    const daemon = await p.up();
    await printed(daemon, "out", /g@a \| out of a/);
    await printed(daemon, "out", /g@b \| out of b/);
    await printed(daemon, "err", /g@a \| err of a/);
    await printed(daemon, "err", /g@b \| err of b/);
  }
});

test("N86: bytes that are no UTF-8 are kept as they are, and the service goes on", async () => {
  const p = project({
    "flows/g.toml": `[[service]]\nname = "s"\nlog.file = "s.log"\nrun.shell = '''printf 'a\\377\\000b\\n'; sleep 0.2; echo later; exec sleep 600'''\n`,
  });
  const daemon = await p.up();
  await printed(daemon, "out", /later/);
  const raw = Buffer.from([0x61, 0xff, 0x00, 0x62, 0x0a]);
  const shown = await runToEnd("sh", ["-c", `"$0" "$1" logs g@s | od -An -tx1 | tr -d ' \n'`, RUNNER, RIND], {
    cwd: p.folder,
    env: p.env,
  });
  expect(shown.out.trim()).toBe(Buffer.concat([raw, Buffer.from("later\n")]).toString("hex"));
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "running" });
  await p.rind("down");
  expect(readFileSync(join(p.folder, "s.log"))).toEqual(Buffer.concat([raw, Buffer.from("later\n")]));
});

test("N87, 004-L1: of a ring of 5 lines the last 5 are shown, oldest first", async () => {
  const p = project({ "flows/g.toml": `[[service]]\nname = "s"\nlog.lines = 5\nrun.shell = "seq 8; exec sleep 600"\n` });
  const daemon = await p.up();
  await printed(daemon, "out", /\| 8\n/);
  expect((await p.rind("logs", "g@s")).out).toBe("4\n5\n6\n7\n8\n");
});

test("N88: who prints much takes nobody's lines", async () => {
  const p = project({ "flows/g.toml": `${speaker("quiet")}[[service]]\nname = "loud"\nrun.shell = "seq 10000; exec sleep 600"\n` });
  const daemon = await p.up();
  await printed(daemon, "out", /\| 10000\n/);
  const { out } = await p.rind("logs", "g@quiet");
  expect(lines(out).sort()).toEqual(["err of quiet", "out of quiet"]);
  expect(lines((await p.rind("logs", "g@loud")).out).length).toBe(1_000);
});

test("N91, 004-L2, 004-L3: log.file gets all output, appended, and the lines are still there over the socket", async () => {
  const p = project({ "flows/g.toml": `[[service]]\nname = "s"\nlog.file = "logs/s.log"\nrun.shell = "seq 3; exec sleep 600"\n` });
  for (let n = 0; n < 2; n++) {
    const daemon = await p.up();
    await printed(daemon, "out", /\| 3\n/);
    const client = await p.client();
    const kept = await client.call("service.logs", { names: ["g@s"] });
    expect(kept.map(({ line }) => line)).toEqual(["1", "2", "3"]);
    await p.rind("down");
    await daemon.ended;
  }
  expect(readFileSync(join(p.folder, "logs/s.log"), "utf8")).toBe("1\n2\n3\n1\n2\n3\n");
});

test("a file is rotated at log.max-size, and log.keep older parts are kept", async () => {
  const p = project({
    "flows/g.toml": `[[service]]\nname = "s"\ntype = "oneshot"\nrestart = false\nlog = { file = "s.log", max-size = 10000, keep = 2 }\nrun.shell = "seq 10000"\n`,
  });
  expect((await p.rind("up")).code).toBe(0);
  const parts = readdirSync(p.folder)
    .filter((name) => name.startsWith("s.log"))
    .sort();
  // what was not compressed at the end is compressed by the next run
  expect(parts.map((name) => name.replace(/\.gz$/, ""))).toEqual(["s.log", "s.log.1", "s.log.2"]);
});

test("N92: a last line without an end counts as a line", async () => {
  const p = project({ "flows/g.toml": once("s", "printf 'one\\ntwo\\nthree'", "log.lines = 10\n") + speaker("stays") });
  const daemon = await p.up();
  await printed(daemon, "out", /three/);
  expect((await p.rind("logs", "g@s", "-n", "2")).out).toBe("two\nthree\n");
});

test("N93: a follower gets what is kept, then what comes, no line twice, and a partial line once when it is complete", async () => {
  const p = project({
    "flows/g.toml": `[[service]]\nname = "s"\nrun.shell = "mkfifo go; echo one; printf par; read x < go; echo tial; echo last; exec sleep 600"\n`,
  });
  const daemon = await p.up();
  await printed(daemon, "out", /one/);
  const follower = run(RUNNER, [RIND, "logs", "g@s", "-f"], { cwd: p.folder, env: p.env });
  await printed(follower, "out", /one\n/);
  expect(follower.out()).toBe("one\n");
  appendFileSync(join(p.folder, "go"), "go\n");
  await printed(follower, "out", /last\n/);
  expect(follower.out()).toBe("one\npartial\nlast\n");
});

test("a follower that keeps up gets every line of a burst, more than the ring holds", async () => {
  const p = project({
    "flows/g.toml": `[[service]]\nname = "s"\nlog.lines = 10\nrun.shell = "mkfifo go; echo 0; read x < go; seq 5000; exec sleep 600"\n`,
  });
  await p.up();
  const follower = run(RUNNER, [RIND, "logs", "-f", "g@s"], { cwd: p.folder, env: p.env });
  await printed(follower, "out", /^0\n/m);
  appendFileSync(join(p.folder, "go"), "go\n");
  await printed(follower, "out", /^5000\n/m);
  expect(lines(follower.out())).toEqual(Array.from({ length: 5_001 }, (_, i) => String(i)));
  expect(follower.err()).toBe("");
});

test("a log file that cannot be written is told of, and the service runs", async () => {
  const p = project({ "flows/g.toml": `[[service]]\nname = "s"\nlog.file = "flows"\nrun.shell = "echo one; exec sleep 600"\n` });
  const daemon = await p.up();
  await printed(daemon, "err", /the log file cannot be written; the service goes on/);
  expect(daemon.err()).toContain("a folder has this name: name a file in it");
  expect(await p.json("status", "g@s")).toMatchObject({ phase: "running" });
  expect((await p.rind("logs", "g@s")).out).toBe("one\n");
});
