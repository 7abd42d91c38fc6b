import { expect, test } from "vitest";
import type { Json } from "../../src/model/json.ts";
import type { RunDecl, ServiceDecl, UserSource } from "../../src/model/unit-set.ts";
import { branching, G, not, S, service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const ALICE = { uid: 1_000, gid: 1_000, groups: [1_000, 29, 44] };
const BOB = { uid: 1_001, gid: 1_001, groups: [1_001] };

const as = (given: Partial<RunDecl>): Pick<ServiceDecl, "run"> => ({ run: { ...service("x").run, cwd: undefined, ...given } });
const source = (given: Partial<UserSource>): UserSource => ({
  state: undefined,
  usernameField: "username",
  matchBranchKey: false,
  ...given,
});
const ofUser = (given: Partial<ServiceDecl> = {}): ServiceDecl => service("g@s", { space: { kind: "user" }, ...as({}), ...given });
const session = (username: string, id = username): Json => ({ session_id: id, username });
const units = (...services: ServiceDecl[]) => ({
  states: [state("g@who"), state("g@seats", { branch: [{ target: "seat", source: "seat" }] })],
  signals: [signal("g@go")],
  services,
});

test("what the environment of the daemon says of whoever started it is nothing to another user", () => {
  const baseEnv = {
    XDG_STATE_HOME: "/root/state",
    XDG_RUNTIME_DIR: "/run/user/0",
    SSH_AUTH_SOCK: "/root/agent",
    SUDO_USER: "eve",
    LANG: "C",
  };
  const r = rig(units(service("g@a", as({ user: "alice" })), service("g@d", as({}))), { baseEnv });
  const { env } = r.launcher.last("g@a").plan;
  expect(env).toMatchObject({ LANG: "C", XDG_RUNTIME_DIR: "/run/user/1000" });
  for (const name of ["XDG_STATE_HOME", "SSH_AUTH_SOCK", "SUDO_USER"]) expect(env).not.toHaveProperty(name);
  expect(r.launcher.last("g@d").plan.env).toMatchObject(baseEnv);
});

test("run.user and a named space give uid, gid, all groups, and the environment of a login", () => {
  const r = rig(units(service("g@a", as({ user: "alice" })), service("g@b", { space: { kind: "named", user: "1001" }, ...as({}) })));
  expect(r.launcher.last("g@a").plan).toMatchObject({
    identity: ALICE,
    cwd: "/",
    env: {
      HOME: "/",
      USER: "alice",
      LOGNAME: "alice",
      SHELL: "/bin/bash",
      PATH: "/usr/local/bin:/usr/bin:/bin",
      XDG_RUNTIME_DIR: "/run/user/1000",
    },
  });
  expect(r.launcher.last("g@b").plan).toMatchObject({ identity: BOB, env: { HOME: "/nonexistent", USER: "bob" } });
});

test("a service of the system runs as the daemon, with nothing of a user", () => {
  const r = rig(units(service("g@s")));
  expect(r.launcher.last("g@s").plan.identity).toBeUndefined();
  expect(r.launcher.last("g@s").plan.env).toEqual({ RIND_SERVICE: "g@s" });
});

test("run.group goes before the user's own, and does without a user", () => {
  const r = rig(units(service("g@a", as({ user: "alice", group: "users" })), service("g@d", as({ group: "audio" }))));
  expect(r.launcher.last("g@a").plan.identity).toEqual({ ...ALICE, gid: 100 });
  expect(r.launcher.last("g@d").plan).toMatchObject({ identity: { uid: 0, gid: 29, groups: [0] }, env: { RIND_SERVICE: "g@d" } });
});

test("what the unit says goes before what comes from its user", () => {
  const r = rig({
    ...units(service("g@s", as({ user: "alice", cwd: "/srv", env: { HOME: "/srv" } }))),
    settings: { ...rigSettings, path: "/opt/bin" },
  });
  expect(r.launcher.last("g@s").plan).toMatchObject({ cwd: "/srv", env: { HOME: "/srv", USER: "alice", PATH: "/opt/bin" } });
});

const rigSettings = {
  env: { USER: "nobody" },
  path: undefined,
  startup: undefined,
  logFolder: undefined,
  onEmpty: undefined,
  shutdownTimeoutMs: 60_000,
};

test("umask, nice, limits, oom score and terminal of the unit reach the launcher", () => {
  const asked = { umask: 0o027, nice: 5, oomScoreAdj: -500, rlimits: [{ name: "nofile", soft: 64, hard: 128 }], tty: "/dev/tty9" } as const;
  const r = rig(units(service("g@s", as({ ...asked, cwd: "/" }))));
  expect(r.launcher.last("g@s").plan).toMatchObject(asked);
});

test("89: space = user with a user-source runs as whom that state names", async () => {
  const r = rig(units(ofUser({ userSource: source({ state: "g@who", usernameField: "owner" }) })));
  expect(r.api.status("g@s")).toMatchObject({
    phase: "blocked",
    waiting: ['user: nothing names its user yet: looked for "owner" of g@who, "username" of rind@user-session'],
  });
  await r.set("g@who", { id: 1, username: "bob" });
  expect(r.phase("g@s")).toBe("blocked");
  await r.set("g@who", { id: 1, owner: "alice" });
  expect(r.launcher.last("g@s").plan).toMatchObject({ identity: ALICE, env: { USER: "alice" } });
});

test("91: match-branch-key picks the user of the branch with the same key, and takes no other", async () => {
  const userSource = source({ state: "g@who", matchBranchKey: true });
  const r = rig(units(ofUser({ branching: branching("g@seats", "seat"), userSource })));
  await r.set("g@seats", { seat: "s1" });
  await r.set("g@seats", { seat: "s2" });
  await r.set("g@who", { id: "s2", username: "bob" });
  expect(r.launcher.last("g@s/s2").plan.identity).toEqual(BOB);
  expect(r.phase("g@s/s1")).toBe("blocked");
  await r.set("g@who", { id: "x", seat: "s1", username: "alice" });
  expect(r.launcher.last("g@s/s1").plan.identity).toEqual(ALICE);
});

test("of the branches of its user-source an instance takes that with its key before those that are for all", async () => {
  const r = rig(units(ofUser({ branching: branching("g@seats", "seat"), userSource: source({ state: "g@who" }) })));
  await r.set("g@who", { id: "for all", username: "bob" });
  await r.set("g@who", { id: 1, seat: "s1", username: "alice" });
  await r.set("g@seats", { seat: "s1" });
  await r.set("g@seats", { seat: "s2" });
  expect([r.launcher.last("g@s/s1").plan.identity, r.launcher.last("g@s/s2").plan.identity]).toEqual([ALICE, BOB]);
});

test("the order of the places: user-source, the own branch, who is logged in", async () => {
  const decl = (given: Partial<ServiceDecl>): ServiceDecl =>
    ofUser({ startOn: [G("g@go")], branching: branching("g@seats", "seat"), ...given });
  const r = rig(
    units(
      decl({ name: "g@sourced", userSource: source({ state: "g@who" }) }),
      decl({ name: "g@own", userSource: source({ usernameField: "owner" }) }),
      decl({ name: "g@plain" }),
      ofUser({ name: "g@logged", startOn: [G("g@go")] }),
    ),
  );
  await r.set("rind@user-session", session("alice"));
  await r.set("g@seats", { seat: "s", username: "bob", owner: "carol" });
  await r.set("g@who", { id: 1, username: "carol" });
  await r.emit("g@go");
  const user = (name: string): string | undefined => r.launcher.last(name).plan.env["USER"];
  expect([user("g@sourced/s"), user("g@own/s"), user("g@plain/s"), user("g@logged")]).toEqual(["carol", "carol", "bob", "alice"]);
});

test("a place that names nobody leaves it to the next one", async () => {
  const r = rig(units(ofUser({ userSource: source({ state: "g@who" }) })));
  await r.set("rind@user-session", session("alice"));
  expect(r.launcher.last("g@s").plan.identity).toEqual(ALICE);
});

test("the sessions of one user are one user; of two it cannot be told", async () => {
  const r = rig(units(ofUser({ startOn: [G("g@go")] })));
  await r.set("rind@user-session", session("alice", "1"));
  await r.set("rind@user-session", session("alice", "2"));
  await r.emit("g@go");
  expect(r.launcher.last("g@s").plan.identity).toEqual(ALICE);
  r.launcher.exit("g@s");
  await r.set("rind@user-session", session("bob", "3"));
  await r.emit("g@go");
  expect([r.phase("g@s"), r.reason("g@s")]).toEqual([
    "failed",
    'user: it cannot be told which user it is to run as: "username" of rind@user-session is alice and bob',
  ]);
});

test("an instance of a user sees the sessions of that user alone", async () => {
  const r = rig(units(ofUser({ branching: branching("rind@user-login", "username") })));
  await r.set("rind@user-session", session("alice"));
  await r.set("rind@user-session", session("bob"));
  expect([r.launcher.last("g@s/alice").plan.identity, r.launcher.last("g@s/bob").plan.identity]).toEqual([ALICE, BOB]);
});

test("the service of one who is not known to the system fails at once, and is not tried again", async () => {
  const r = rig(units(ofUser({ userSource: source({ state: "g@who" }), onFail: [] })));
  await r.set("g@who", { id: 1, username: "mallory" });
  r.rest();
  expect([r.phase("g@s"), r.reason("g@s"), r.launcher.asked]).toEqual(["failed", 'user: there is no user "mallory" on this system', []]);
});

test("a number that a unit gives needs nobody who bears it, as in a container without /etc/passwd; one that a payload gives does", async () => {
  const r = rig(
    units(
      service("g@u", as({ user: "4711" })),
      service("g@g", as({ user: "4711", group: "815" })),
      service("g@d", as({ group: "815" })),
      service("g@n", { space: { kind: "named", user: "4711" }, ...as({}) }),
      service("g@none", as({ user: "4294967295" })),
      ofUser({ userSource: source({ state: "g@who" }) }),
    ),
  );
  expect(r.launcher.last("g@u").plan).toMatchObject({
    identity: { uid: 4_711, gid: 4_711, groups: [4_711] },
    cwd: "/",
    env: { HOME: "/", USER: "4711", SHELL: "/bin/sh" },
  });
  expect(r.launcher.last("g@g").plan.identity).toEqual({ uid: 4_711, gid: 815, groups: [815] });
  expect(r.launcher.last("g@d").plan.identity).toEqual({ uid: 0, gid: 815, groups: [0] });
  expect(r.launcher.last("g@n").plan.identity).toEqual({ uid: 4_711, gid: 4_711, groups: [4_711] });
  expect(r.reason("g@none")).toBe('user: there is no user "4294967295" on this system');
  await r.set("g@who", { id: 1, username: 4_711 });
  expect(r.reason("g@s")).toBe('user: there is no user "4711" on this system');
});

test("a payload makes nothing run as root, by name or by number; a unit does", async () => {
  const byName = ofUser({ userSource: source({ state: "g@who" }) });
  const byNumber = ofUser({ name: "g@n", startOn: [G("g@go")] });
  const r = rig(units(byName, byNumber, service("g@root", as({ user: "root" }))));
  await r.set("g@who", { id: 1, username: "root" });
  await r.set("rind@user-session", { session_id: "1", username: 0 });
  await r.emit("g@go");
  expect([r.phase("g@s"), r.phase("g@n")]).toEqual(["failed", "failed"]);
  expect(r.reason("g@s")).toBe('user: what names its user says root, and a payload makes nothing run as root: write run.user = "root"');
  expect(r.launcher.last("g@root").plan).toMatchObject({ identity: { uid: 0, gid: 0, groups: [0] }, env: { HOME: "/", USER: "root" } });
});

test("a daemon that is not root runs what is its own user's as it is, and fails what is another's", () => {
  const own = service("g@own", as({ user: "alice", group: "1000" }));
  const other = service("g@other", as({ user: "1000", group: "815" }));
  const r = rig({ ...units(service("g@me", as({ user: "alice" })), service("g@he", as({ user: "bob" })), own, other) }, { uid: 1_000 });
  expect(r.launcher.last("g@me").plan.identity).toBeUndefined();
  expect(r.launcher.last("g@me").plan.env).toMatchObject({ HOME: "/", USER: "alice", SHELL: "/bin/bash" });
  expect([r.phase("g@he"), r.reason("g@he")]).toEqual([
    "failed",
    "user: it is to run as bob, and a daemon that is not root starts all as its own user (uid 1000, gid 1000)",
  ]);
  expect(r.launcher.last("g@own").plan.identity).toBeUndefined();
  expect(r.reason("g@other")).toBe(
    "user: it is to run with the group 815, and a daemon that is not root starts all as its own user (uid 1000, gid 1000)",
  );
});

test("74: a restarted instance keeps its user, whoever else is named meanwhile", async () => {
  const r = rig(units(ofUser({ userSource: source({ state: "g@who" }) })));
  await r.set("g@who", { id: 1, username: "alice" });
  await r.set("g@who", { id: 1, username: "bob" });
  expect(r.launcher.last("g@s").plan.identity).toEqual(ALICE);
  r.launcher.exit("g@s", 1);
  await r.unset("g@who");
  r.rest();
  expect([r.launcher.asked.length, r.launcher.last("g@s").plan.identity]).toEqual([2, ALICE]);
});

test("a new start asks anew, also one by hand between two tries", async () => {
  const r = rig(units(ofUser({ userSource: source({ state: "g@who" }) })));
  await r.set("g@who", { id: 1, username: "alice" });
  await r.set("g@who", { id: 1, username: "bob" });
  r.launcher.exit("g@s", 1);
  void r.api.start(["g@s"], { force: false });
  expect(r.launcher.last("g@s").plan.identity).toEqual(BOB);
  r.launcher.exit("g@s", 0);
  await r.unset("g@who");
  void r.api.start(["g@s"], { force: false });
  expect(r.phase("g@s")).toBe("blocked");
});

test("a restart after a reload takes the user that the units say now; another source is asked for anew too", async () => {
  const who = source({ state: "g@who" });
  const r = rig(units(service("g@fixed", as({ user: "alice" })), ofUser({ userSource: who })));
  await r.set("g@who", { id: 1, username: "alice", owner: "bob" });
  const changed = units(service("g@fixed", as({ user: "bob" })), ofUser({ userSource: { ...who, usernameField: "owner" } }));
  await r.reload(changed, { restart: true });
  r.rest();
  expect(["g@fixed", "g@s"].map((name) => r.launcher.last(name).plan.identity)).toEqual([BOB, BOB]);
});

test("who waits for its user is cancelled when its start-on falls, and starts with a user that comes later", async () => {
  const r = rig(units(ofUser({ startOn: [not(S("g@who"))] })));
  expect(r.phase("g@s")).toBe("blocked");
  await r.set("g@who", { id: 1 });
  expect(r.phase("g@s")).toBe("inactive");
  await r.unset("g@who");
  await r.set("rind@user-session", session("bob"));
  expect(r.launcher.last("g@s").plan.identity).toEqual(BOB);
});

test("an instance whose own branch names nobody waits until it does", async () => {
  const r = rig(units(ofUser({ branching: branching("g@seats", "seat"), userSource: source({}) })));
  await r.set("g@seats", { seat: "s" });
  expect(r.phase("g@s/s")).toBe("blocked");
  await r.set("g@seats", { seat: "s", username: "alice" });
  expect(r.launcher.last("g@s/s").plan.identity).toEqual(ALICE);
});

test("another user makes a process stale", async () => {
  const r = rig(units(service("g@s", as({ user: "alice" }))));
  const { stale } = await r.reload(units(service("g@s", as({ user: "bob" }))));
  expect(stale).toEqual(["g@s"]);
});

test("the runtime folder of a user goes with the last session and the last process, whichever is later", async () => {
  const r = rig(
    units(service("g@s", as({ user: "alice" })), ofUser({ name: "g@of", branching: branching("rind@user-login", "username") })),
  );
  expect([...r.users.folders]).toEqual([1_000]);
  await r.set("rind@user-session", session("bob"));
  await r.set("rind@user-session", session("alice"));
  expect([...r.users.folders]).toEqual([1_000, 1_001]);
  await r.unset("rind@user-session", { username: "bob" });
  expect([...r.users.folders]).toEqual([1_000, 1_001]);
  r.rest();
  expect([...r.users.folders]).toEqual([1_000]);
  await r.unset("rind@user-session");
  r.rest();
  expect([...r.users.folders]).toEqual([1_000]);
  r.launcher.exit("g@s");
  expect([...r.users.folders]).toEqual([]);
});
