import { describe, expect, test } from "vitest";
import type { ControlApi, LogQuery } from "../../src/control/api.ts";
import { DeniedError } from "../../src/errors/rind-error.ts";
import type { Fact } from "../../src/model/fact.ts";
import type { Json } from "../../src/model/json.ts";
import type { PermissionDecl, Right, ServiceDecl } from "../../src/model/unit-set.ts";
import { branching, S, service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

/** alice and bob are users on paper, uid 1000 and 1001; the daemon there is root. */
const ALICE = { pid: 77, uid: 1_000, gid: 1_000, groups: [29] };
const BOB = { pid: 78, uid: 1_001, gid: 1_001, groups: [] };
const ALL: LogQuery = { names: [], lines: undefined, since: undefined, after: undefined };
const SECRET = "s3cret";

const ops: Right = { kind: "permission", name: "g@ops" };
const permission = (name: string, given: Partial<PermissionDecl>): PermissionDecl => {
  return { name, group: undefined, users: [], includes: [], origin: undefined, ...given };
};
const ALICE_IS_OPS = permission("g@ops", { users: ["alice"] });
const json = (value?: Json): { kind: "json"; value: Json | undefined } => ({ kind: "json", value });

/** A state and a signal for who has g@ops, others for all to see, and services. */
function world(...services: ServiceDecl[]) {
  const r = rig({
    states: [
      state("g@secret", { permissions: [ops] }),
      state("g@open"),
      state("g@copy", { after: [S("g@open")] }),
      state("g@of-secret", { payload: "none", after: [S("g@secret")] }),
    ],
    signals: [signal("g@alarm", { permissions: [ops] }), signal("g@bell")],
    services: [service("g@s", { managedBy: [ops] }), service("g@own"), ...services],
    variables: [{ name: "g@v", default: SECRET, env: undefined }],
    permissions: [ALICE_IS_OPS],
  });
  return { ...r, alice: r.api.as(ALICE), bob: r.api.as(BOB) };
}

const ofUser = (name: string, given: Partial<ServiceDecl> = {}): ServiceDecl => service(name, { space: { kind: "user" }, ...given });
const session = (username: string): Json => ({ session_id: username, username });

/** What a call is refused with. */
async function refusal(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("it was not refused");
}

const denied = async (call: () => unknown): Promise<string> => {
  const error = await refusal(call);
  expect(error).toBeInstanceOf(DeniedError);
  expect(error).toMatchObject({ code: "RIND_NOT_PERMITTED", exitCode: 77 });
  return (error as DeniedError).message;
};

describe("states and signals", () => {
  test("88: who has no permission of a state cannot set it, and nothing changes; who has one can, and root always", async () => {
    const r = world();
    expect(await denied(() => r.bob.set("g@secret", json({ id: 1 }), { replace: false }))).toBe(
      "not permitted: g@secret lists permissions g@ops, and uid 1001 has none of these",
    );
    expect(r.branches("g@secret")).toEqual([]);
    await r.alice.set("g@secret", json({ id: 1 }), { replace: false });
    await denied(() => r.bob.unset("g@secret", undefined));
    expect(r.branches("g@secret")).toEqual([{ id: 1 }]);
    await r.alice.unset("g@secret", undefined);
    expect(r.branches("g@secret")).toEqual([]);
    await r.api.as({ pid: 1, uid: 0, gid: 0, groups: [] }).set("g@secret", json({ id: 2 }), { replace: false });
    expect(r.branches("g@secret")).toEqual([{ id: 2 }]);
  });

  test("what lists no permissions is for root alone to set and to emit", async () => {
    const r = world();
    expect(await denied(() => r.alice.set("g@open", json({ id: 1 }), { replace: false }))).toMatch(/lists no permissions.*uid 1000$/);
    await denied(() => r.alice.emit("g@bell", json()));
    await denied(() => r.bob.emit("g@alarm", json()));
    expect(await r.alice.emit("g@alarm", json())).toMatchObject({ changed: true });
  });

  test("a wrong payload does not tell who may not set it more than that", async () => {
    const r = world();
    await denied(() => r.bob.set("g@secret", json(5), { replace: false }));
    await denied(() => r.bob.unset("g@secret", 5));
  });

  test("a name that is declared nowhere is told as such, with the nearest one", async () => {
    const r = world();
    const calls: (() => unknown)[] = [
      () => r.bob.set("g@secrett", json({}), { replace: false }),
      () => r.bob.unset("g@secrett", undefined),
      () => r.bob.get("g@secrett"),
      () => r.bob.emit("g@alarmm", json()),
      () => r.bob.start(["g@ss"], { force: false }),
      () => r.bob.start(["g@own", "g@ss"], { force: false }),
      () => r.bob.kill(["g@ss"], "SIGTERM"),
      () => r.bob.stats("g@ss"),
      () => r.bob.getService("g@ss"),
      () => r.bob.logs({ ...ALL, names: ["g@ss"] }),
      () => r.bob.status("g@ss"),
      () => r.bob.why("g@ss"),
      () => r.bob.trace({ last: 5, name: "g@ss" }),
      () => r.bob.followEvents(["g@ss"], () => {}),
    ];
    for (const call of calls) expect(await refusal(call)).toMatchObject({ exitCode: 66, hint: expect.stringMatching(/^did you mean g@/) });
  });

  test("what Rind keeps itself is set by no client; sessions of users are, by who has the permission login", async () => {
    const r = rig({ permissions: [permission("rind@login", { users: ["alice"] })] });
    const [alice, bob] = [r.api.as(ALICE), r.api.as(BOB)];
    await denied(() => alice.set("rind@up", json(), { replace: false }));
    await denied(() => alice.emit("rind@boot", json()));
    await denied(() => bob.set("rind@user-session", json(session("bob")), { replace: false }));
    await alice.set("rind@user-session", json(session("alice")), { replace: false });
    expect(r.branches("rind@user-login")).toEqual([{ username: "alice" }]);
    // whoever is logged in is no secret
    expect(bob.get("rind@user-session")).toEqual([session("alice")]);
  });

  test("a reload gives and takes rights at once", async () => {
    const r = rig({ states: [state("g@a", { permissions: [{ kind: "gid", gid: 29 }] })] });
    const alice = r.api.as(ALICE);
    const set = () => alice.set("g@a", json({ id: 1 }), { replace: false });
    await set();
    await r.reload({ states: [state("g@a", { permissions: [ops] })] });
    await denied(set);
    expect(alice.states()).toContainEqual(expect.objectContaining({ name: "g@a", branches: [], restricted: true }));
    await r.reload({ states: [state("g@a", { permissions: [ops] })], permissions: [ALICE_IS_OPS] });
    await set();
    expect(alice.get("g@a")).toEqual([{ id: 1 }]);
  });
});

describe("what is seen", () => {
  test("payloads of what lists no permissions are for everybody, those of the rest for who has one of these", async () => {
    const r = world();
    await r.set("g@secret", { id: SECRET });
    await r.set("g@open", { id: 1 });
    expect(await denied(() => r.bob.get("g@secret"))).toMatch(/g@secret lists permissions g@ops/);
    expect(r.alice.get("g@secret")).toEqual([{ id: SECRET }]);
    expect(r.bob.get("g@open")).toEqual([{ id: 1 }]);
    expect(r.bob.get("g@copy")).toEqual([{ id: 1 }]);
    const row = (api: ControlApi, name: string) => api.list().states.find((each) => each.name === name);
    expect(row(r.bob, "g@secret")).toEqual({ name: "g@secret", active: true, payload: "json", branches: [], restricted: true });
    expect(row(r.alice, "g@secret")).toEqual(row(r.api, "g@secret"));
    expect(row(r.bob, "g@open")).toEqual(row(r.api, "g@open"));
    expect(r.bob.states()).toEqual(r.bob.list().states);
    expect(r.bob.list().signals).toContainEqual({ name: "g@alarm", payload: "any", restricted: true });
    expect(r.bob.list().signals).toContainEqual({ name: "g@bell", payload: "any" });
  });

  test("services, their phases and reasons are for everybody; what a process says of itself is not", async () => {
    const r = world();
    const rows = (api: ControlApi) => api.list().services.map(({ name, phase, reason }) => ({ name, phase, reason }));
    expect(rows(r.bob)).toEqual(rows(r.api));
    expect(r.bob.graph()).toEqual(r.api.graph());
    expect(r.bob.info()).toEqual(r.api.info());
  });

  test("no word of a payload that is not for everybody reaches others, whatever they ask", async () => {
    const r = world(
      service("g@needs", {
        startOn: [S("g@secret")],
        transport: [
          {
            id: "env",
            options: [{ prefix: "K", value: { kind: "state", name: "g@secret", path: [], fallback: undefined } }],
            required: true,
          },
        ],
      }),
    );
    const heard: (readonly Fact[])[] = [];
    r.bob.followEvents([], (facts) => heard.push(facts));
    await r.set("g@secret", { id: SECRET, key: SECRET });
    await r.set("g@secret", { id: SECRET, key: `${SECRET}2` });
    await r.emit("g@alarm", SECRET);
    await r.alice.set("g@secret", json({ id: `${SECRET}3` }), { replace: false });
    await r.unset("g@secret", { id: SECRET });
    const why = ["g@secret", "g@of-secret", "g@alarm", "g@needs", "g@s"].map((name) => r.bob.why(name));
    const trace = [undefined, "g@secret", "g@alarm", "g@needs"].map((name) => r.bob.trace({ last: 1_000, name }));
    const seen = JSON.stringify([
      heard,
      why,
      trace,
      r.bob.list(),
      r.bob.states(),
      r.bob.status("g@needs"),
      r.bob.graph(),
      r.bob.variables(),
    ]);
    expect(seen).not.toContain(SECRET);
    // and yet there is all of it but that
    expect(JSON.stringify(r.api.trace({ last: 1_000, name: undefined }))).toContain(SECRET);
    expect(r.bob.trace({ last: 1_000, name: undefined })).toHaveLength(r.api.trace({ last: 1_000, name: undefined }).length);
    const kinds = heard.flat().flatMap((fact): unknown[] => {
      if (fact.kind === "signal") return fact.name === "g@alarm" ? [fact.payload] : [];
      return fact.kind === "state" && fact.name === "g@secret" ? [[fact.key, fact.before, fact.after, fact.restricted]] : [];
    });
    expect(kinds).toEqual([
      ["", undefined, null, true],
      ["", null, null, true],
      null,
      ["", undefined, null, true],
      ["", null, undefined, true],
    ]);
  });

  test("why tells of a state with permissions whether it is active, to who has none", async () => {
    const r = world(service("g@needs", { startOn: [S("g@secret", { id: SECRET })] }));
    await r.set("g@secret", { id: SECRET });
    const now = (api: ControlApi) => api.why("g@needs").conditions[0]?.rows[0]?.now;
    expect(now(r.bob)).toBe("active");
    expect(now(r.alice)).toBe(`{"id":"${SECRET}"}`);
    expect(r.bob.why("g@secret").summary).toBe("g@secret is active");
    expect(r.alice.why("g@secret").summary).toBe(`g@secret is active: ${SECRET} (set by hand)`);
  });

  test("what happened to a state that is declared no more is not told: it may have been restricted", async () => {
    const r = world();
    await r.set("g@secret", { id: SECRET });
    await r.reload({ states: [state("g@open")] });
    expect(JSON.stringify(r.bob.trace({ last: 1_000, name: undefined }))).not.toContain(SECRET);
  });

  test("of variables the names are for everybody, the values for nobody else", async () => {
    const r = world();
    expect(r.bob.variables()).toEqual([{ name: "g@v", value: null, from: "default", restricted: true }]);
    await denied(() => r.alice.setVariable("g@v", 1));
  });
});

/** The answer of a call that takes some time of this world. */
function done<T>(r: { rest(): void }, call: Promise<T>): Promise<T> {
  call.catch(() => {});
  r.rest();
  return call;
}

const start = (api: ControlApi, name: string, force = false) => api.start([name], { force });
const stop = (api: ControlApi, ...names: string[]) => api.stop(names, { force: false });

describe("services", () => {
  test("108: a service is controlled by who has a permission of its managed-by, and by nobody else", async () => {
    const r = world();
    expect(await denied(() => stop(r.bob, "g@s"))).toBe("not permitted: g@s lists managed-by g@ops, and uid 1001 has none of these");
    expect(await denied(() => stop(r.alice, "g@own"))).toMatch(/^not permitted: g@own lists no managed-by, so it is for root/);
    expect(r.up()).toEqual(["g@own", "g@s"]);
    await done(r, stop(r.alice, "g@s"));
    expect(r.up()).toEqual(["g@own"]);
    await start(r.alice, "g@s");
    await done(r, r.alice.restart(["g@s"]));
    await r.alice.reloadServices(["g@s"]);
    await r.alice.kill(["g@s"], "SIGUSR1");
    expect(r.launcher.asked.slice(-2)).toEqual(["SIGHUP g@s", "SIGUSR1 g@s"]);
    expect(await r.alice.getService("g@s")).toEqual({ name: "g@s" });
  });

  test("of several services that are named all are the caller's, or nothing is done", async () => {
    const r = world();
    expect(await denied(() => stop(r.alice, "g@s", "g@own"))).toMatch(/g@own lists no managed-by/);
    await denied(() => r.alice.kill(["g@s", "g@own"], "SIGKILL"));
    await denied(() => r.alice.restart(["g@s", "g@own"]));
    r.rest();
    expect(r.up()).toEqual(["g@own", "g@s"]);
    expect(r.launcher.launched).toHaveLength(2);
  });

  test("a bulk operation is for who may control all that it is about", async () => {
    const r = world();
    expect(await denied(() => stop(r.alice))).toMatch(/^not permitted: to stop all services is for root/);
    expect(r.up()).toEqual(["g@own", "g@s"]);
    const both = rig({
      services: [service("g@a", { managedBy: [ops] }), service("g@b", { managedBy: [ops] })],
      permissions: [ALICE_IS_OPS],
    });
    await done(both, stop(both.api.as(ALICE)));
    expect(both.up()).toEqual([]);
  });

  test("a start by force stops nothing that is not the caller's", async () => {
    const r = world(service("g@rival", { managedBy: [ops], status: "stop", conflicts: ["g@own"] }));
    expect(await denied(() => start(r.alice, "g@rival", true))).toMatch(/g@own lists no managed-by/);
    r.rest();
    expect(r.up()).toEqual(["g@own", "g@s"]);
    // what only waits disturbs nobody
    expect(await start(r.alice, "g@rival")).toMatchObject([{ phase: "blocked" }]);
  });

  test("what a start pulls in starts too: the unit says so", async () => {
    const r = world(
      service("g@app", { managedBy: [ops], status: "stop", requires: [{ service: "g@db", is: "ready", onLoss: "stop" }] }),
      service("g@db", { startOn: [S("g@open")] }),
    );
    await done(r, start(r.alice, "g@app"));
    expect(r.up()).toEqual(["g@app", "g@db", "g@own", "g@s"]);
  });

  test("a service of users' is controlled by whom it runs as; one of the system's that runs as somebody is not", async () => {
    const run = { ...service("x").run, user: "alice" };
    const r = world(ofUser("g@mine"), service("g@hers", { space: { kind: "named", user: "alice" } }), service("g@web", { run }));
    await r.set("rind@user-session", session("alice"));
    expect(r.up()).toEqual(["g@hers", "g@mine", "g@own", "g@s", "g@web"]);
    await denied(() => stop(r.bob, "g@mine"));
    await denied(() => stop(r.bob, "g@hers"));
    await denied(() => stop(r.alice, "g@web"));
    await done(r, stop(r.alice, "g@mine", "g@hers"));
    expect(r.up()).toEqual(["g@own", "g@s", "g@web"]);
    await start(r.alice, "g@mine");
    expect(r.up()).toEqual(["g@mine", "g@own", "g@s", "g@web"]);
  });

  test("one that never ran is started by whom it would run as, and while nobody is known by nobody", async () => {
    const r = world(ofUser("g@mine", { status: "stop" }));
    await denied(() => start(r.alice, "g@mine"));
    await r.set("rind@user-session", session("alice"));
    await denied(() => start(r.bob, "g@mine"));
    await start(r.alice, "g@mine");
    expect(r.up()).toContain("g@mine");
  });

  test("while it runs it is of whom it runs as, whoever would be next", async () => {
    const r = world(ofUser("g@mine"));
    await r.set("rind@user-session", session("alice"));
    await r.set("rind@user-session", session("bob"));
    await r.unset("rind@user-session", session("alice"));
    await denied(() => stop(r.bob, "g@mine"));
    await done(r, stop(r.alice, "g@mine"));
    await denied(() => start(r.alice, "g@mine"));
    await start(r.bob, "g@mine");
    expect(r.launcher.last("g@mine").plan.identity?.uid).toBe(BOB.uid);
  });

  test("a process that does not end is still of whom it runs as, when the next is to run as somebody else", async () => {
    const r = world(ofUser("g@mine", { startOn: [S("g@open")] }));
    r.launcher.ignoresTerm.add("g@mine");
    await r.set("rind@user-session", session("alice"));
    await r.set("g@open", { id: 1 });
    await r.unset("g@open");
    await r.unset("rind@user-session");
    await r.set("rind@user-session", session("bob"));
    await r.set("g@open", { id: 1 });
    expect(r.phase("g@mine")).toBe("stopping");
    await denied(() => r.bob.kill(["g@mine"], "SIGUSR1"));
    await r.alice.kill(["g@mine"], "SIGUSR1");
  });

  test("an instance is of its own user; the service by its plain name is about all of them", async () => {
    const r = world(ofUser("g@shell", { branching: branching("rind@user-session", "username") }));
    await r.set("rind@user-session", session("alice"));
    await r.set("rind@user-session", session("bob"));
    await denied(() => stop(r.alice, "g@shell/bob"));
    await denied(() => stop(r.alice, "g@shell"));
    await done(r, stop(r.alice, "g@shell/alice"));
    expect(r.up()).toEqual(["g@own", "g@s", "g@shell/bob"]);
    expect(await refusal(() => stop(r.api, "g@shell/carol"))).toMatchObject({ exitCode: 66 });
    expect(r.bob.list().services.map(({ name }) => name)).toEqual(r.api.list().services.map(({ name }) => name));
  });
});

test("who is the user of a branching service as such may control no instance of others by that", async () => {
  const userSource = { state: "g@owner", usernameField: "username", matchBranchKey: false };
  const r = rig({
    states: [state("g@owner"), state("g@jobs")],
    services: [ofUser("g@job", { branching: branching("g@jobs"), userSource })],
  });
  const alice = r.api.as(ALICE);
  await r.set("g@owner", { username: "alice" });
  await r.set("g@owner", { id: "2", username: "bob" });
  await r.set("g@jobs", { id: "1" });
  await r.set("g@jobs", { id: "2" });
  expect([r.launcher.last("g@job/1"), r.launcher.last("g@job/2")].map(({ plan }) => plan.identity?.uid)).toEqual([ALICE.uid, BOB.uid]);
  await denied(() => stop(alice, "g@job"));
  await done(r, stop(alice, "g@job/1"));
  expect(r.up()).toEqual(["g@job/2"]);
});

describe("output", () => {
  const lines = (api: ControlApi, names: readonly string[] = []) =>
    api.logs({ ...ALL, names }).map(({ service: of, line }) => `${of} ${line}`);

  test("what a service prints is for who may control it", async () => {
    const r = world();
    r.launcher.print("g@s", "one\n");
    r.launcher.print("g@own", `${SECRET}\n`);
    expect(lines(r.alice)).toEqual(["g@s one"]);
    expect(lines(r.alice, ["g@s", "g@own"])).toEqual(["g@s one"]);
    expect(await denied(() => lines(r.alice, ["g@own"]))).toMatch(/g@own lists no managed-by/);
    expect(await denied(() => lines(r.bob))).toMatch(/what services print is for root and who controls them/);
    await denied(() => r.bob.followLogs(ALL, () => undefined));
    // the newest of those that are the caller's
    expect(r.alice.logs({ ...ALL, lines: 1 })).toMatchObject([{ line: "one" }]);
  });

  test("who follows gets the lines that are his, from then on", async () => {
    const r = world();
    const heard: string[] = [];
    r.alice.followLogs(ALL, (batch) => {
      heard.push(...batch.map(({ line }) => line));
      return undefined;
    });
    r.launcher.print("g@own", `${SECRET}\n`);
    r.launcher.print("g@s", "one\n");
    await expect.poll(() => heard).toEqual(["one"]);
  });

  test("an instance that runs as another user now keeps from this one what it printed before", async () => {
    const r = world(ofUser("g@mine"));
    await r.set("rind@user-session", session("alice"));
    r.launcher.print("g@mine", "hers\n");
    await done(r, r.alice.restart(["g@mine"]));
    r.launcher.print("g@mine", "hers again\n");
    expect(lines(r.alice)).toEqual(["g@mine hers", "g@mine hers again"]);
    await done(r, stop(r.alice, "g@mine"));
    await r.unset("rind@user-session", undefined);
    await r.set("rind@user-session", session("bob"));
    await start(r.bob, "g@mine");
    r.launcher.print("g@mine", "his\n");
    expect(lines(r.bob)).toEqual(["g@mine his"]);
    await denied(() => lines(r.alice, ["g@mine"]));
  });
});

test("power, units, services and the daemon itself are for root alone", async () => {
  const r = world();
  for (const call of [
    () => r.alice.down(),
    () => r.alice.reload({ restart: false }),
    () => r.alice.setService({}),
    () => r.alice.deleteServices([]),
    () => r.alice.setVariable("g@v", 1),
  ])
    expect(await denied(call)).toMatch(/is for root and the daemon's own user alone, not for uid 1000$/);
});

test("the daemon's own user and root are not guarded", async () => {
  const r = world();
  expect(r.api.as({ pid: 5, uid: 0, gid: 0, groups: [] })).toBe(r.api);
  const plain = rig({ states: [state("g@a")] }, { uid: 1_000 });
  expect(plain.api.as(ALICE)).toBe(plain.api);
  await plain.api.as({ pid: 5, uid: 0, gid: 0, groups: [] }).set("g@a", json({ id: 1 }), { replace: false });
  expect(plain.branches("g@a")).toEqual([{ id: 1 }]);
  await denied(() => plain.api.as(BOB).set("g@a", json({ id: 2 }), { replace: false }));
});
