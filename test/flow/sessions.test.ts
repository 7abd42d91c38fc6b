import { expect, test } from "vitest";
import type { SessionGiven } from "../../src/control/api.ts";
import { branching, service } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const LOGIN = { pid: 100, start: 7 };
const SSHD = { pid: 200, start: 8 };
const units = { services: [service("g@s", { space: { kind: "user" }, branching: branching("rind@user-login", "username") })] };
const machine = () => rig(units, { processes: [LOGIN, SSHD] });
const alice = (given: Partial<SessionGiven> = {}): SessionGiven => ({ username: "alice", leader: LOGIN.pid, ...given });
const ids = (r: ReturnType<typeof rig>): unknown[] =>
  r.branches("rind@user-session").map((branch) => (branch as { session_id: string }).session_id);

test("a session has all that is known of it, the runtime folder of its user among it", async () => {
  const r = machine();
  const opened = await r.api.openSession(alice({ tty: "/dev/tty1", service: "login", host: "far" }));
  expect(r.branches("rind@user-session")).toEqual([opened]);
  expect(opened).toEqual({
    session_id: "alice-100-7",
    username: "alice",
    uid: 1_000,
    tty: "tty1",
    service: "login",
    host: "far",
    runtime_dir: "/run/user/1000",
    leader: LOGIN,
  });
  expect(r.branches("rind@user-login")).toEqual([{ username: "alice" }]);
  expect([...r.users.folders]).toEqual([1_000]);
});

test("the services of a user run from the first login to the last logout", async () => {
  const r = machine();
  await r.api.openSession(alice());
  await r.api.openSession(alice({ leader: SSHD.pid }));
  expect([ids(r), r.up()]).toEqual([["alice-100-7", "alice-200-8"], ["g@s/alice"]]);
  expect(await r.api.closeSession({ leader: LOGIN.pid, username: "alice" })).toMatchObject([{ session_id: "alice-100-7" }]);
  r.rest();
  expect(r.up()).toEqual(["g@s/alice"]);
  await r.api.closeSession({ leader: SSHD.pid });
  r.rest();
  expect([ids(r), r.branches("rind@user-login"), r.up(), [...r.users.folders]]).toEqual([[], [], [], []]);
});

test("a runtime folder stays as long as anybody with the number of its user is logged in", async () => {
  const r = machine();
  await r.api.openSession(alice());
  await r.api.openSession({ username: "alias", leader: SSHD.pid });
  await r.api.closeSession({ username: "alice" });
  r.rest();
  expect([...r.users.folders]).toEqual([1_000]);
  await r.api.closeSession({ username: "alias" });
  r.rest();
  expect([...r.users.folders]).toEqual([]);
});

test("a session goes with its leader, whatever ends that", async () => {
  const r = machine();
  await r.api.openSession(alice());
  await r.api.openSession({ username: "bob", leader: SSHD.pid });
  r.users.end(LOGIN.pid);
  expect(ids(r)).toEqual(["bob-200-8"]);
  const said = r.api.trace({ last: 100, name: "rind@user-session" });
  expect(said.flatMap((fact) => (fact.kind === "outside" ? [fact.what] : [])).at(-1)).toBe(
    "process 100, which leads session alice-100-7, has ended",
  );
});

test("a leader that is watched no more is not watched", async () => {
  const r = machine();
  await r.api.openSession(alice());
  await r.api.openSession(alice({ username: "bob" }));
  await r.api.closeSession({ leader: LOGIN.pid, username: "alice" });
  expect([ids(r), r.users.watched()]).toEqual([["bob-100-7"], [LOGIN.pid]]);
  await r.unset("rind@user-session");
  expect(r.users.watched()).toEqual([]);
});

test("a session whose leader has ended before it could be watched ends at once", async () => {
  const r = machine();
  await r.set("rind@user-session", { session_id: "late", username: "alice", leader: { ...LOGIN, start: 6 } });
  r.rest();
  expect([ids(r), r.up()]).toEqual([[], []]);
});

test("who is not known and a leader that there is not are refused, and nothing is changed", async () => {
  const r = machine();
  await expect(r.api.openSession(alice({ username: "mallory" }))).rejects.toThrow('there is no user "mallory"');
  await expect(r.api.openSession(alice({ leader: 999 }))).rejects.toThrow("there is no process 999");
  expect([ids(r), [...r.users.folders]]).toEqual([[], []]);
});

test("a session without a leader stays until it is closed, by its id or by user and terminal; to close what is not open changes nothing", async () => {
  const r = machine();
  await r.api.openSession({ username: "alice", tty: "tty1" });
  await r.api.openSession({ username: "alice", tty: "tty2" });
  await r.api.openSession({ username: "alice", session_id: "mine" });
  expect(ids(r)).toEqual(["alice-tty1", "alice-tty2", "mine"]);
  await r.api.closeSession({ username: "alice", tty: "/dev/tty1" });
  await r.api.closeSession({ session_id: "mine" });
  expect(await r.api.closeSession({ username: "bob" })).toEqual([]);
  expect(ids(r)).toEqual(["alice-tty2"]);
});

test("a daemon that follows takes up the watch again, and drops sessions whose leader has ended meanwhile before anything starts for them", async () => {
  const first = machine();
  await first.api.openSession(alice());
  await first.api.openSession({ username: "bob", leader: SSHD.pid });
  await first.api.openSession({ username: "carol" });
  first.rest();
  const next = rig(units, { store: first.store.reopened(), clock: first.clock, processes: [SSHD, { pid: LOGIN.pid, start: 99 }] });
  expect([ids(next), next.users.watched(), next.up()]).toEqual([["bob-200-8", "carol"], [SSHD.pid], ["g@s/bob", "g@s/carol"]]);
  expect([...next.store.entries.keys()].filter((key) => key.startsWith("state rind@user-session"))).toHaveLength(2);
  expect(next.logged.filter(({ level }) => level === "error")).toEqual([]);
  next.users.end(SSHD.pid);
  expect(ids(next)).toEqual(["carol"]);
});

test("a daemon that follows removes the runtime folders that the one before it has made and that nobody needs any more", async () => {
  const first = machine();
  await first.api.openSession(alice());
  await first.api.openSession({ username: "bob", leader: SSHD.pid });
  const next = rig({}, { store: first.store.reopened(), processes: [SSHD] });
  expect(next.users.removed).toEqual([1_000]);
  const after = rig({}, { store: first.store.reopened(), processes: [], bootId: "boot-2" });
  expect(after.users.removed).toEqual([]);
});

test("sessions of an earlier boot of the machine are over", async () => {
  const first = machine();
  await first.api.openSession(alice());
  const next = rig(units, { store: first.store.reopened(), processes: [LOGIN], bootId: "boot-2" });
  expect(ids(next)).toEqual([]);
});

test("sessions are opened and closed by root, and by who has the permission login", async () => {
  const permissions = [{ name: "rind@login", group: undefined, users: ["bob"], includes: [], origin: undefined }];
  const r = rig({ permissions }, { processes: [LOGIN] });
  const [asAlice, asBob] = [1_000, 1_001].map((uid) => r.api.as({ pid: 1, uid, gid: uid, groups: [] }));
  await expect(asAlice?.openSession(alice())).rejects.toMatchObject({ exitCode: 77 });
  expect([ids(r), [...r.users.folders]]).toEqual([[], []]);
  await asBob?.openSession(alice());
  await expect(asAlice?.closeSession({ username: "alice" })).rejects.toMatchObject({ exitCode: 77 });
  expect(ids(r)).toEqual(["alice-100-7"]);
  await asBob?.closeSession({ username: "alice" });
  expect(ids(r)).toEqual([]);
});
