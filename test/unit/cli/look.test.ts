import { expect, test } from "vitest";
import type { ServiceRow } from "../../../src/control/api.ts";
import type { Fact } from "../../../src/model/fact.ts";
import { RejectedError } from "../../../src/errors/rind-error.ts";
import { FACTS, overTheWire, STATES, serviceRow, WHY } from "../control/fake-api.ts";
import { rig } from "./rig.ts";

test("list shows services, states and signals", async () => {
  const { rind } = await rig();
  expect((await rind(["list"])).out).toBe(
    `${[
      "SERVICE     PHASE     READY  PID   RESTARTS  FOR  REASON",
      "web@server  running   yes    4711  0         5m   start-on holds",
      "web@logger  inactive  -      -     0         -",
      "",
      "STATE           SET       PAYLOAD",
      'net@configured  by hand   {"id":"eth0","up":true}',
      "net@online      inactive",
      "",
      "SIGNAL           PAYLOAD",
      "backup@complete  any",
    ].join("\n")}\n`,
  );
});

test("what others have named or given as a reason cannot take over the terminal; elsewhere it comes out as it is", async () => {
  const evil = "\u001b]0;root\u0007\u009b2J\r";
  const { rind } = await rig({
    status: () => serviceRow({ name: "web@server", reason: `there is no user "${evil}"` }),
    get: () => {
      throw new RejectedError(`no ${evil}`);
    },
  });
  expect((await rind(["status", "web@server"], { columns: 80 })).out).toContain('there is no user "?]0;root??2J?"');
  expect((await rind(["status", "web@server"])).out).toContain(evil);
  expect((await rind(["status", "web@server"], { columns: 80, colour: true })).out).toMatch(/\u001b\[32m/);
  expect((await rind(["get", "web@x"])).err).toBe("rind: no ?]0;root??2J?\n");
});

test("list leaves out what only repeats the services, and built-in names that are not in use; json has all", async () => {
  const built = (name: string, active: boolean) => ({
    name,
    active,
    payload: "json",
    branches: active ? [{ key: "", payload: { item: "x" }, derived: false, manual: true }] : [],
    ...(name === "rind@user-login" ? {} : { built_in: true as const }),
  });
  const { rind } = await rig({
    list: () => ({
      services: [],
      states: [built("rind@service", true), built("rind@degraded", true), built("rind@user-login", false)],
      signals: [{ name: "rind@boot", payload: "any" }],
    }),
  });
  expect((await rind(["list"])).out).toBe('STATE          SET       PAYLOAD\nrind@degraded  built in  {"item":"x"}\n');
  expect(JSON.parse((await rind(["list", "--json"])).out).states).toHaveLength(3);
});

test("list --json has the shape that is promised", async () => {
  const { rind } = await rig();
  const listing = JSON.parse((await rind(["list", "--json"])).out);
  expect(Object.keys(listing)).toEqual(["services", "states", "signals"]);
  expect(listing.services[0]).toEqual({
    name: "web@server",
    phase: "running",
    ready: true,
    healthy: null,
    pid: 4711,
    branch: null,
    restarts: 0,
    exit: null,
    since: "2030-01-02T12:00:00.000Z",
    waiting: [],
    reason: "start-on holds",
    status_text: null,
    stale: false,
  });
  expect(listing.states).toEqual(STATES);
});

test("on a narrow terminal only the last column is cut", async () => {
  const { rind } = await rig({
    list: () => ({ services: [serviceRow({ name: "web@server", reason: "x".repeat(200) })], states: [], signals: [] }),
  });
  const lines = (await rind(["list"], { columns: 70 })).out.trimEnd().split("\n");
  expect(lines[1]).toHaveLength(70);
  expect(lines[1]).toMatch(/^web@server .*xxx\.\.\.$/);
});

test("colours are used only where the terminal has them", async () => {
  const { rind } = await rig();
  const escape = String.fromCharCode(27);
  expect((await rind(["list"])).out).not.toContain(escape);
  expect((await rind(["list"], { colour: true })).out).toContain(`${escape}[32mrunning${escape}[39m   yes`);
});

test("status NAME shows all that is known of a service", async () => {
  const row: ServiceRow = serviceRow({
    name: "api@main",
    phase: "backoff",
    pid: null,
    ready: null,
    restarts: 3,
    exit: { code: 1, signal: null },
    waiting: ["the next try in 4s"],
    reason: "exit code 1",
    stale: true,
  });
  const { rind } = await rig({ status: () => row });
  expect((await rind(["status", "api@main"])).out).toBe(
    `${[
      "api@main",
      "  phase      backoff for 5m",
      "  reason     exit code 1",
      "  restarts   3",
      "  last exit  code 1",
      "  waits for  the next try in 4s",
      "  stale      runs with what was declared before the last reload",
    ].join("\n")}\n`,
  );
});

test("status of a branching service is a list", async () => {
  const { rind } = await rig();
  expect(JSON.parse((await rind(["status", "web@server", "--json"])).out)).toMatchObject({ name: "web@server" });
  expect(JSON.parse((await rind(["status", "login@session", "--json"])).out)).toMatchObject([{ branch: "ann" }, { branch: "bob" }]);
  expect((await rind(["status", "login@session"])).out).toMatch(/login@session\/ann\n(.*\n)*login@session\/bob\n/);
});

test("status without a name shows the daemon and its services", async () => {
  const { rind } = await rig();
  expect((await rind(["status"])).out).toMatch(/^rind 0\.1\.0 of \/srv\/project, pid \d+, up for 5m\n\nSERVICE /);
  expect(JSON.parse((await rind(["status", "--json"])).out)).toMatchObject({ version: "0.1.0", services: [{ name: "web@server" }, {}] });
});

test("get prints text bare, other json compact, one branch per line", async () => {
  const { rind } = await rig({ get: (name) => (name === "a@text" ? ["plain"] : [{ id: 1 }, [1, 2], 7, true]) });
  expect((await rind(["get", "a@text"])).out).toBe("plain\n");
  expect((await rind(["get", "a@json"])).out).toBe('{"id":1}\n[1,2]\n7\ntrue\n');
  expect(JSON.parse((await rind(["get", "a@json", "--json"])).out)).toEqual([{ id: 1 }, [1, 2], 7, true]);
});

test("get of a state that is not active prints nothing", async () => {
  const { rind } = await rig();
  expect(await rind(["get", "net@online"])).toEqual({ code: 0, out: "", err: "" });
  expect((await rind(["get", "net@online", "--json"])).out).toBe("[]\n");
});

test("start, stop and restart show how the services are afterwards", async () => {
  const { rind, asked } = await rig({
    start: async () => [
      serviceRow({ name: "web@server" }),
      serviceRow({ name: "db@pg", phase: "blocked", pid: null, waiting: ["net@online"] }),
    ],
  });
  expect(await rind(["start", "web@server", "db@pg"])).toEqual({
    code: 0,
    out: "web@server running (pid 4711): start-on holds\ndb@pg blocked: waits for net@online\n",
    err: "",
  });
  await rind(["stop", "web@server", "--force"]);
  await rind(["restart", "--all"]);
  expect(asked).toEqual([
    ["stop", ["web@server"], { force: true }],
    ["restart", []],
  ]);
});

test("a start that fails ends with 1", async () => {
  const { rind } = await rig({
    start: async () => [serviceRow({ name: "web@server", phase: "failed", pid: null, reason: "no such program" })],
  });
  expect(await rind(["start", "web@server"])).toMatchObject({ code: 1, out: "web@server failed: no such program\n" });
});

test("down stops everything and waits until the daemon is gone", async () => {
  const { rind, asked, close } = await rig();
  let ended = false;
  const down = rind(["down"]).then((result) => {
    ended = true;
    return result;
  });
  while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await rind(["get", "net@name"]);
  await rind(["get", "net@name"]);
  expect(ended).toBe(false);
  await close();
  expect(await down).toMatchObject({ code: 0, err: "" });
});

const CLOCK = /\b(\d{4}-\d\d-\d\d )?\d\d:\d\d:00\.000/g;

test("why shows each condition, what it waits for, what would start it, and the chain of causes", async () => {
  const { rind } = await rig();
  const { out } = await rind(["why", "web@server"]);
  expect(out.replace(CLOCK, "TIME").replace(/ +\+/g, " +")).toBe(
    `${[
      "web@server is blocked: it waits for db@postgres",
      "",
      "start-on",
      '  ✓ state net@configured  {"id":"eth0"}',
      "  ✗ any of",
      "    ✗ service db@postgres is ready  starting",
      "    ✗ state net@online",
      "",
      "waits for",
      "  db@postgres is not ready",
      "",
      "would start when",
      "  db@postgres becomes ready",
      "",
      "because",
      "  TIME  set net@configured",
      ' +1ms  └─ state net@configured/eth0 is set {"id":"eth0","up":true}',
      " +2ms     └─ start web@server: start-on holds",
      " +30ms        └─ web@server starting → running: up",
    ].join("\n")}\n`,
  );
  expect(JSON.parse((await rind(["why", "web@server", "--json"])).out)).toEqual(overTheWire(WHY));
});

test("where the locale is not UTF-8 the marks are ASCII", async () => {
  const { rind } = await rig();
  const { out } = await rind(["why", "web@server"], { unicode: false });
  expect(Buffer.from(out).every((byte) => byte < 128)).toBe(true);
  expect(out).toContain("  + state net@configured");
  expect(out).toContain("`- web@server starting -> running");
});

test("trace leaves out echoes of phases that caused nothing, and keeps the others", async () => {
  const echo = (id: number, cause: number): Fact => ({
    id,
    tx: 1,
    time: 0,
    cause: [cause],
    kind: "state",
    name: "rind@service",
    key: "a@b",
    before: undefined,
    after: { id: "a@b", phase: "running" },
  });
  const { rind } = await rig({
    trace: () => [...FACTS, echo(5, 4), echo(6, 4), { id: 7, tx: 1, time: 0, cause: [6], kind: "signal", name: "a@seen", payload: null }],
  });
  const { out } = await rind(["trace"]);
  expect(out.match(/rind@service/g)).toHaveLength(1);
  expect(out).toMatch(/rind@service.*\n.*└─ signal a@seen\n$/);
  expect(JSON.parse((await rind(["trace", "--json"])).out)).toHaveLength(7);
});

test("trace asks for so many facts of a name, and shows each under what caused it", async () => {
  const { rind, asked } = await rig();
  expect((await rind(["trace", "web@server", "-n", "2"])).out.replace(CLOCK, "TIME")).toMatch(
    /start web@server: start-on holds\n.*└─ web@server starting → running: up\n$/,
  );
  expect(asked).toEqual([["trace", { last: 2, name: "web@server" }]]);
  expect(JSON.parse((await rind(["trace", "--json"])).out)).toEqual(overTheWire(FACTS));
});
