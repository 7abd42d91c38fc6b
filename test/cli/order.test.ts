import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { phaseOf } from "./await-phase.ts";
import { type Project, project } from "./daemon-rig.ts";

/** A service that writes to the file `journal` when it comes up and when it has stopped; stopping takes it 0.2 s. */
const serve = (name: string, rest = ""): string => `
[[service]]
name = "${name}"
run.shell = "echo ${name} up >> journal; trap 'sleep 0.2; echo ${name} down >> journal; exit 0' TERM; sleep 1000 & wait"
${rest}
`;

/** A oneshot that writes what it did when it ends. */
const once = (name: string, code: number, rest = ""): string => `
[[service]]
name = "${name}"
type = "oneshot"
run.shell = "sleep 0.5; echo ${name} done >> journal; exit ${code}"
restart = "never"
${rest}
`;

const units = (...services: string[]): Record<string, string> => ({ "flows/app.toml": services.join("") });
/** A project whose daemon stays. */
const stays = (...services: string[]): Record<string, string> =>
  units(...services, '[[service]]\nname = "stays"\nrun = ["sleep", "1000"]\n');

/** Waits until the journal has so many lines. */
async function journalOf(p: Project, lines: number): Promise<string[]> {
  const end = Date.now() + 20_000;
  while (journal(p).length < lines) {
    if (Date.now() > end) throw new Error(`the journal has only: ${journal(p).join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return journal(p);
}

const journal = (p: Project): string[] => {
  const file = join(p.folder, "journal");
  return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
};
const status = async (p: Project, name: string): Promise<unknown> => p.json("status", name);

test("N21: after a oneshot that takes its time, its follower starts when that has succeeded", async () => {
  const p = project(units(serve("b", 'after = ["a"]'), once("a", 0)));
  await p.up();
  await phaseOf(p, "app@b", "running");
  expect(await journalOf(p, 2)).toEqual(["a done", "b up"]);
});

test("N22: after a service with a readiness command, its follower starts when that passes", async () => {
  const p = project(units(serve("b", 'after = ["a"]'), serve("a", 'ready = { exec = "test -e marker", period = "50ms" }')));
  await p.up();
  await phaseOf(p, "app@a", "starting");
  expect(await status(p, "app@b")).toMatchObject({ phase: "blocked", waiting: ["after: app@a is not ready (app@a is starting)"] });
  writeFileSync(join(p.folder, "marker"), "");
  await phaseOf(p, "app@b", "running");
  expect(await journalOf(p, 2)).toEqual(["a up", "b up"]);
});

test("N23: when the oneshot fails its follower stays blocked, and the reason names it", async () => {
  const p = project(stays(serve("b", 'after = ["a"]'), once("a", 3)));
  await p.up();
  await phaseOf(p, "app@a", "failed");
  expect(await status(p, "app@b")).toMatchObject({ phase: "blocked", pid: null, waiting: ["after: app@a is not ready (app@a is failed)"] });
});

test("N27: requires a service that fails: the dependent is not started, and waits with that reason", async () => {
  const p = project(stays(serve("b", 'requires = ["a"]'), once("a", 1)));
  await p.up();
  await phaseOf(p, "app@a", "failed");
  expect(await status(p, "app@b")).toMatchObject({ phase: "blocked", waiting: ["requires: app@a is not ready (app@a is failed)"] });
  const { out } = await p.rind("why", "app@b");
  expect(out).toContain("requires");
  expect(out).toContain("app@a is failed");
});

test("N28, 004-P5, 004-P6: wants a service that is missing and one that fails: it starts anyway", async () => {
  const p = project(units(serve("b", 'wants = ["a", "other@ghost"]'), once("a", 1)));
  await p.up();
  await phaseOf(p, "app@b", "running");
  expect(await journalOf(p, 2)).toEqual(["a done", "b up"]);
});

test("N29, 004-P1, 004-P2: after a service that crashes later: ordering only, the follower goes on", async () => {
  const p = project(
    units(
      serve("b", 'after = ["a"]'),
      '[[service]]\nname = "a"\nrun.shell = "echo a up >> journal; sleep 0.5; exit 7"\nrestart = "never"\n',
    ),
  );
  await p.up();
  await phaseOf(p, "app@a", "failed");
  expect(await status(p, "app@b")).toMatchObject({ phase: "running" });
  expect(await journalOf(p, 2)).toEqual(["a up", "b up"]);
});

test("N31: a diamond: the consumer starts after both producers are ready at different times, each of them started once", async () => {
  const producer = (name: string): string => serve(name, `after = ["source"]\nready = { exec = "test -e ${name}.ready", period = "50ms" }`);
  const p = project(units(serve("consumer", 'after = ["one", "two"]'), producer("one"), producer("two"), serve("source")));
  await p.up();
  await phaseOf(p, "app@one", "starting");
  writeFileSync(join(p.folder, "two.ready"), "");
  await phaseOf(p, "app@two", "running");
  expect(await status(p, "app@consumer")).toMatchObject({ phase: "blocked" });
  writeFileSync(join(p.folder, "one.ready"), "");
  const told = await journalOf(p, 4);
  expect([told[0], told.slice(1, 3).toSorted(), told.slice(3)]).toEqual(["source up", ["one up", "two up"], ["consumer up"]]);
});

test("N32, N33: with @started a chain comes up in order, long before anybody is ready", async () => {
  const never = 'ready = { exec = "false", period = "50ms" }';
  const p = project(units(serve("c", 'after = ["b@started"]'), serve("b", `after = ["a@started"]\n${never}`), serve("a", never)));
  await p.up();
  await phaseOf(p, "app@c", "running");
  expect(await status(p, "app@a")).toMatchObject({ phase: "starting", ready: false });
  expect(await status(p, "app@b")).toMatchObject({ phase: "starting", ready: false });
});

/** What is asked of the other, and whether the dependent runs once that has ended with 0 or with 1. A process is ready 0.3 s before it ends. */
const TABLE: readonly (readonly ["process" | "oneshot", string, boolean, boolean])[] = [
  ["process", "started", true, true],
  ["process", "ready", true, true],
  ["process", "completed", true, true],
  ["process", "complete", true, true],
  ["oneshot", "started", true, true],
  ["oneshot", "succeeded", true, false],
  ["oneshot", "completed", true, true],
];

test("N34, 002-6, 002-7: started, ready, succeeded and completed of a process and a oneshot, each with both ends", async () => {
  const cases = TABLE.flatMap(([type, is, good, bad], at) => [
    { name: `x${at}good`, type, is, code: 0, runs: good },
    { name: `x${at}bad`, type, is, code: 1, runs: bad },
  ]);
  const pair = ({ name, type, is, code }: (typeof cases)[number]): string =>
    `[[service]]\nname = "${name}"\nrestart = "never"\nrun.shell = "sleep 0.3; exit ${code}"\n${type === "oneshot" ? 'type = "oneshot"\n' : ""}` +
    `[[service]]\nname = "${name}-next"\nrun = ["sleep", "1000"]\nafter = ["${name}@${is}"]\n`;
  const p = project(units(...cases.map(pair)));
  await p.up();
  for (const { name, code } of cases) await phaseOf(p, `app@${name}`, code === 0 ? "exited" : "failed");
  for (const { name, runs } of cases) await phaseOf(p, `app@${name}-next`, runs ? "running" : "blocked");
});

test("N36: with gamma stopped, beta that needs it is scheduled and shown as waiting, the call returns, and beta follows gamma", async () => {
  const p = project(units(serve("gamma"), serve("beta", 'requires = ["gamma"]\nstatus = "stop"')));
  await p.up();
  await p.rind("stop", "app@gamma");
  const begun = await p.rind("start", "app@beta");
  expect(begun.code).toBe(0);
  expect(await status(p, "app@beta")).toMatchObject({
    phase: "blocked",
    pid: null,
    waiting: ["requires: app@gamma is not ready (app@gamma is exited)"],
  });
  await p.rind("start", "app@gamma");
  await phaseOf(p, "app@beta", "running");
});

test("N41: stopping the database stops app and worker first; stopping app leaves it running", async () => {
  const p = project(units(serve("database"), serve("app", 'requires = ["database"]'), serve("worker", 'requires = ["database"]')));
  await p.up();
  await journalOf(p, 3);
  await p.rind("stop", "app@app");
  expect(await status(p, "app@database")).toMatchObject({ phase: "running" });
  await p.rind("start", "app@app");
  await phaseOf(p, "app@app", "running");
  const before = (await journalOf(p, 5)).length;
  await p.rind("stop", "app@database");
  const told = journal(p).slice(before);
  expect([told.slice(0, 2).toSorted(), told.slice(2)]).toEqual([["app down", "worker down"], ["database down"]]);
  expect(await status(p, "app@worker")).toMatchObject({ phase: "blocked" });
});

test("N73: a shutdown with c requires b requires a stops c, b, a, each finished before the next begins, and others in parallel", async () => {
  const journaled = (name: string, rest = ""): string => `
[[service]]
name = "${name}"
run.shell = "trap 'echo ${name} begins >> journal; sleep 0.3; echo ${name} ends >> journal; exit 0' TERM; touch ${name}.up; sleep 1000 & wait"
ready = { exec = "test -e ${name}.up", period = "50ms" }
${rest}
`;
  const p = project(
    units(journaled("a"), journaled("b", 'requires = ["a"]'), journaled("c", 'requires = ["b"]'), journaled("d", 'requires = ["b"]')),
  );
  const daemon = await p.up();
  for (const name of ["c", "d"]) await phaseOf(p, `app@${name}`, "running");
  daemon.child.kill("SIGTERM");
  expect(await daemon.ended).toBe(0);
  const told = journal(p);
  expect(told.slice(0, 2).toSorted()).toEqual(["c begins", "d begins"]);
  expect(told.slice(2, 4).toSorted()).toEqual(["c ends", "d ends"]);
  expect(told.slice(4)).toEqual(["b begins", "b ends", "a begins", "a ends"]);
});

test("004-P7, 004-P8: of two that conflict one waits until the other is down; a forced start makes room", async () => {
  const p = project(units(serve("one", 'conflicts = ["two"]'), serve("two", 'status = "stop"')));
  await p.up();
  await journalOf(p, 1);
  await p.rind("start", "app@two");
  expect(await status(p, "app@two")).toMatchObject({ phase: "blocked", waiting: ["conflicts: app@one is not down (app@one is running)"] });
  await p.rind("stop", "app@one");
  await journalOf(p, 3);
  const forced = await p.json("start", "app@one", "--force");
  expect(forced).toMatchObject([{ name: "app@one", phase: "running" }]);
  expect(await status(p, "app@two")).toMatchObject({ phase: "exited" });
  expect(await journalOf(p, 5)).toEqual(["one up", "one down", "two up", "two down", "one up"]);
});

test("004-S6: a bulk stop passes over a service of class system, unless what it requires stops", async () => {
  const p = project(units(serve("db"), serve("app", 'class = "system"\nrequires = ["db"]'), serve("sshd", 'class = "system"')));
  await p.up();
  await journalOf(p, 3);
  await p.rind("stop", "--all");
  expect(await status(p, "app@sshd")).toMatchObject({ phase: "running" });
  expect(await status(p, "app@app")).toMatchObject({ phase: "blocked" });
  expect(journal(p).slice(3)).toEqual(["app down", "db down"]);
  await p.rind("stop", "app@sshd");
  expect(await status(p, "app@sshd")).toMatchObject({ phase: "exited" });
});

test("002-4: before is the same edge as after, written at the other end", async () => {
  const p = project(units(serve("b"), once("a", 0, 'before = ["b"]')));
  await p.up();
  await phaseOf(p, "app@b", "running");
  expect(await journalOf(p, 2)).toEqual(["a done", "b up"]);
});
