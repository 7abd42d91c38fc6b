import { createHash } from "node:crypto";
import { appendFileSync, createReadStream, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { ServiceRow } from "../../src/control/api.ts";
import { type Project, project } from "./daemon-rig.ts";
import { RIND, RUNNER, run, type Running, runToEnd } from "./program.ts";

const LINES = 2_000_000;
const MINUTES = 60_000;

/** A service that prints 200 MB in numbered lines of 100 bytes when it is asked to. */
const FLOOD = `[[signal]]
name = "go"
[[service]]
name = "flood"
type = "oneshot"
restart = false
start-on = ["go"]
log = { file = "flood.log", max-size = 0 }
run = { exec = "seq", args = ["-f", "%099.0f", "${LINES}"] }
`;

test(
  "a service that prints 200 MB that nobody reads: the daemon stays within 30 MB of where it was, and the file has every byte",
  async () => {
    const p = project({ "flows/g.toml": FLOOD });
    const { before, largest } = await size(p, await upQuiet(p));
    expect(largest - before).toBeLessThan(30);
    expect(await digest(join(p.folder, "flood.log"))).toBe(printedDigest());
  },
  5 * MINUTES,
);

test(
  "N94: with a fast reader and one that never reads the daemon has no more than 54 MB of its own, and the fast one is told of every line or of its loss",
  async () => {
    const p = project({ "flows/g.toml": `${FLOOD}[[service]]\nname = "first"\nrun.shell = "echo first; exec sleep 600"\n` });
    const daemon = await upQuiet(p);
    const fast = run("sh", ["-c", `exec "$0" "$1" logs -f >> fast.out`, RUNNER, RIND], { cwd: p.folder, env: p.env });
    await stuckReader(p);
    // the shell makes it in its own time
    appendFileSync(join(p.folder, "fast.out"), "");
    const has = (text: string): boolean => lines(join(p.folder, "fast.out")).some((line) => line.endsWith(text));
    await until(() => has("| first"));
    // at its largest, not what it grew by: a daemon that is smaller while nothing happens is no worse
    expect((await size(p, daemon)).largest).toBeLessThan(54);
    expect(await digest(join(p.folder, "flood.log"))).toBe(printedDigest());
    const missed = (): number =>
      [...fast.err().matchAll(/rind: (\d+) lines are missing/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    const got = (): number => lines(join(p.folder, "fast.out")).filter((line) => line.startsWith("g@flood | ")).length;
    await until(() => got() + missed() === LINES);
    expect(got()).toBeGreaterThan(1_000);
  },
  5 * MINUTES,
);

test(
  "a terminal that takes nothing stops neither the daemon nor its services",
  async () => {
    const p = project({ "flows/g.toml": FLOOD });
    // what is printed goes into a pipe that nobody reads
    const daemon = run("sh", ["-c", `"$0" "$1" up 2>&1 | { read line; exec sleep 100; }`, RUNNER, RIND], {
      cwd: p.folder,
      env: p.env,
    });
    await until(async () => (await p.rind("status", "g@flood")).code === 0);
    await p.rind("emit", "g@go");
    await until(async () => (await flood(p)).phase === "exited");
    expect(await digest(join(p.folder, "flood.log"))).toBe(printedDigest());
    expect((await p.rind("down")).code).toBe(0);
    expect((await p.rind("status")).code).toBe(69);
    const left = await runToEnd("sh", ["-c", `kill $(ps -o pid= --ppid ${daemon.child.pid ?? 0})`]);
    expect(left.err).toBe("");
  },
  5 * MINUTES,
);

/** The daemon without its output: the test is no reader of the flood. */
async function upQuiet(p: Project): Promise<Running> {
  const daemon = run(RUNNER, [RIND, "up", "--quiet"], { cwd: p.folder, env: p.env });
  onTestFinished(async () => {
    daemon.child.kill("SIGINT");
    daemon.child.kill("SIGINT");
    await daemon.ended;
  });
  await until(async () => (await p.rind("status", "g@flood")).code === 0);
  return daemon;
}

/** Lets the flood pass; answers with the MB that the daemon had before, and at its largest, beside those of its program. */
async function size(p: Project, daemon: Running): Promise<{ readonly before: number; readonly largest: number }> {
  const { pid = 0 } = daemon.child;
  const memory = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
  const ofProgram = memory("RssFile");
  const before = memory("VmRSS") - ofProgram;
  // proc(5): the peak is from now on
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
  await p.rind("emit", "g@go");
  await until(async () => (await flood(p)).phase === "exited");
  return { before, largest: memory("VmHWM") - ofProgram };
}

async function flood(p: Project): Promise<ServiceRow> {
  return (await p.json("status", "g@flood")) as ServiceRow;
}

/** A client that follows everything and never reads a byte. */
function stuckReader({ socket }: Project): Promise<void> {
  const reader = connect(socket);
  onTestFinished(() => void reader.destroy());
  reader.pause();
  const call = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "log.subscribe", params: {} });
  return new Promise((resolve, reject) => reader.write(`${call}\n`, (error) => (error ? reject(error) : resolve())));
}

function printedDigest(): string {
  const hash = createHash("sha256");
  for (let from = 1; from <= LINES; from += 1_000) {
    hash.update(Array.from({ length: 1_000 }, (_, i) => `${String(from + i).padStart(99, "0")}\n`).join(""));
  }
  return hash.digest("hex");
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest("hex");
}

function lines(path: string): string[] {
  return readFileSync(path, "utf8").split("\n");
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 4 * MINUTES;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error("4 minutes went by");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
