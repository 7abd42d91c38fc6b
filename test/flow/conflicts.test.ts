import { expect, test } from "vitest";
import type { ServiceDecl } from "../../src/model/unit-set.ts";
import { branching, G, S, service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

type Rig = ReturnType<typeof rig>;
const none = (...names: string[]) => names.map((name) => state(name, { payload: "none" }));
const idle = { startOn: [G("g@go")] };
const go = { signals: [signal("g@go")] };

async function stop(r: Rig, ...names: string[]): Promise<void> {
  const stopped = r.api.stop(names, { force: false });
  r.rest();
  await stopped;
}

test("of two that conflict and are to start at once the one declared first starts, whoever says it", () => {
  const first = service("g@z");
  const second = service("g@a", { conflicts: ["g@z"] });
  expect(rig({ services: [first, second] }).up()).toEqual(["g@z"]);
  expect(rig({ services: [second, first] }).up()).toEqual(["g@a"]);
  expect(rig({ services: [service("g@z", { conflicts: ["g@a"] }), service("g@a")] }).up()).toEqual(["g@z"]);
});

test("004-P7: two that conflict never run together: the later one is blocked, with the other as the reason", async () => {
  const r = rig({ ...go, services: [service("g@a", { conflicts: ["g@b"] }), service("g@b", idle)] });
  await r.emit("g@go");
  expect([r.up(), r.phase("g@b")]).toEqual([["g@a"], "blocked"]);
  expect(r.api.status("g@b")).toMatchObject({ waiting: ["conflicts: g@a is not down (g@a is running)"] });
});

test("004-P8: a conflict is released when the other is down, not before", async () => {
  const r = rig({ ...go, services: [service("g@a", { conflicts: ["g@b"] }), service("g@b", idle)] });
  await r.emit("g@go");
  const stopped = r.api.stop(["g@a"], { force: false });
  expect([r.phase("g@a"), r.phase("g@b"), r.up()]).toEqual(["stopping", "blocked", ["g@a"]]);
  r.rest();
  await stopped;
  expect(r.up()).toEqual(["g@b"]);
});

test("an end by itself releases a conflict, a wait before another try does not", async () => {
  const r = rig({ ...go, services: [service("g@a", { conflicts: ["g@b"] }), service("g@b", idle)] });
  await r.emit("g@go");
  r.launcher.exit("g@a", 1);
  expect([r.phase("g@a"), r.phase("g@b")]).toEqual(["backoff", "blocked"]);
  r.clock.advance(1_000);
  r.launcher.exit("g@a", 0);
  expect(r.up()).toEqual(["g@b"]);
});

test("what waits for a conflict and is no longer wanted is inactive", async () => {
  const r = rig({ states: none("g@B"), services: [service("g@a", { conflicts: ["g@b"] }), service("g@b", { startOn: [S("g@B")] })] });
  await r.set("g@B");
  expect(r.phase("g@b")).toBe("blocked");
  await r.unset("g@B");
  expect(r.phase("g@b")).toBe("inactive");
  await stop(r, "g@a");
  expect(r.up()).toEqual([]);
});

test("rind start against a conflict waits and says for what; with force it stops what conflicts, and answers when it runs", async () => {
  const r = rig({
    ...go,
    services: [
      service("g@a"),
      service("g@dependent", { requires: [{ service: "g@a", is: "ready", onLoss: "stop" }] }),
      service("g@b", { ...idle, conflicts: ["g@a"] }),
    ],
  });
  const [row] = await r.api.start(["g@b"], { force: false });
  expect([row?.phase, row?.waiting]).toEqual(["blocked", ["conflicts: g@a is not down (g@a is running)"]]);
  let answered = false;
  const forced = r.api.start(["g@b"], { force: true }).finally(() => {
    answered = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect([answered, r.phase("g@b")]).toEqual([false, "blocked"]);
  r.rest();
  const [started] = await forced;
  expect([started?.phase, r.up(), r.phase("g@dependent")]).toEqual(["running", ["g@b"], "blocked"]);
  await stop(r, "g@b");
  expect([r.up(), r.reason("g@a")]).toEqual([[], "g@b is started by force"]);
});

test("two started by one call do not both run", async () => {
  const r = rig({ ...go, services: [service("g@b", idle), service("g@a", { ...idle, conflicts: ["g@b"] })] });
  await r.api.start(["g@a", "g@b"], { force: false });
  expect([r.up(), r.phase("g@a")]).toEqual([["g@b"], "blocked"]);
});

test("one that lost what it requires is no longer in the way, and waits its turn when that is back", async () => {
  const services = [
    service("g@db"),
    service("g@a", { requires: [{ service: "g@db", is: "ready", onLoss: "stop" }], conflicts: ["g@b"] }),
    service("g@b", idle),
  ];
  const r = rig({ ...go, services });
  await r.emit("g@go");
  await stop(r, "g@db");
  expect([r.up(), r.phase("g@a")]).toEqual([["g@b"], "blocked"]);
  await r.api.start(["g@db"], { force: false });
  expect([r.up(), r.phase("g@a")]).toEqual([["g@b", "g@db"], "blocked"]);
  await stop(r, "g@b");
  expect(r.up()).toEqual(["g@a", "g@db"]);
});

test("services that branch by the same key conflict instance by instance", async () => {
  const field = [{ target: "user", source: "user" }];
  const vpn = (name: string, given: Partial<ServiceDecl> = {}): ServiceDecl =>
    service(name, { branching: branching("g@login", "user"), ...given });
  const r = rig({ ...go, states: [state("g@login", { branch: field })], services: [vpn("g@a", { conflicts: ["g@b"] }), vpn("g@b", idle)] });
  await r.set("g@login", { user: "al" });
  await r.set("g@login", { user: "bo" });
  await stop(r, "g@a/bo");
  await r.emit("g@go");
  expect([r.up(), r.phase("g@b/al")]).toEqual([["g@a/al", "g@b/bo"], "blocked"]);
});

test("a reload that makes rivals of two that run stops the one declared later, which waits", async () => {
  const r = rig({ services: [service("g@a"), service("g@b")] });
  await r.reload({ services: [service("g@b"), service("g@a", { conflicts: ["g@b"] })] });
  r.rest();
  expect([r.up(), r.phase("g@a"), r.reason("g@a")]).toEqual([["g@b"], "blocked", "it conflicts with g@b"]);
  await r.reload({ services: [service("g@b"), service("g@a")] });
  expect(r.up()).toEqual(["g@a", "g@b"]);
});

test("a start that comes to nothing is in nobody's way", async () => {
  const a = service("g@a", { startOn: [G("g@x")], conflicts: ["g@b"] });
  const r = rig({ signals: [signal("g@go"), signal("g@x")], services: [a, service("g@b", idle)] });
  r.launcher.refuses.set("g@a", { kind: "not-found", message: "no program" });
  await r.emit("g@x");
  expect(r.phase("g@a")).toBe("failed");
  await r.emit("g@go");
  expect(r.up()).toEqual(["g@b"]);
});

/** A oneshot that triggers itself when it ends, so that its next start counts as a restart, and one that conflicts with it. */
const circle = (maxRetries: number) => ({
  signals: [signal("g@x"), signal("g@go")],
  services: [
    service("g@db"),
    service("g@a", {
      type: "oneshot",
      startOn: [G("g@x")],
      after: [{ service: "g@db", is: "ready" }],
      conflicts: ["g@b"],
      restart: { ...service("x").restart, maxRetries },
      onStop: [{ when: "always", kind: "emit", signal: "g@x", payload: { kind: "none" } }],
    }),
    service("g@b", idle),
  ],
});

test("one that pauses before it restarts itself is in the way, until its gate closes", async () => {
  const r = rig(circle(5));
  await r.emit("g@x");
  r.launcher.exit("g@a", 0);
  await r.emit("g@go");
  expect([r.phase("g@a"), r.phase("g@b")]).toEqual(["blocked", "blocked"]);
  const stopped = r.api.stop(["g@db"], { force: false });
  r.clock.advance(10);
  await stopped;
  expect([r.phase("g@a"), r.up()]).toEqual(["blocked", ["g@b"]]);
});

test("one whose gate opens while it pauses is in the way again, so that the two never run together", async () => {
  const r = rig(circle(5));
  await r.emit("g@x");
  const stopped = r.api.stop(["g@db"], { force: false });
  r.clock.advance(10);
  await stopped;
  r.launcher.exit("g@a", 0);
  await r.api.start(["g@db"], { force: false });
  await r.emit("g@go");
  expect([r.phase("g@a"), r.phase("g@b")]).toEqual(["blocked", "blocked"]);
  r.clock.advance(1_000);
  expect(r.up()).toEqual(["g@a", "g@db"]);
});

test("one whose start is refused because it goes in circles is in nobody's way", async () => {
  const r = rig(circle(0));
  await r.emit("g@x");
  r.launcher.exit("g@a", 0);
  expect(r.phase("g@a")).toBe("exited");
  await r.emit("g@go");
  expect(r.up()).toEqual(["g@b", "g@db"]);
});

test("what can never run together with itself is an error of the units", () => {
  const ready = (name: string) => ({ service: name, is: "ready" as const });
  const required = (name: string) => ({ ...ready(name), onLoss: "stop" as const });
  expect(() => rig({ services: [service("g@a", { requires: [required("g@b")], conflicts: ["g@b"] }), service("g@b")] })).toThrow(
    "g@a requires.0: g@a can never start: it has to run together with g@b, which conflicts with it",
  );
  expect(() => rig({ services: [service("g@a", { after: [ready("g@b")] }), service("g@b", { conflicts: ["g@a"] })] })).toThrow(
    "can never start",
  );
  const apart = [
    service("g@a", { requires: [required("g@b"), required("g@c")] }),
    service("g@b", { requires: [required("g@d")] }),
    service("g@c", { conflicts: ["g@d"] }),
    service("g@d"),
  ];
  expect(() => rig({ services: apart })).toThrow(
    "g@a requires.1: g@a can never start: it has to run together with g@d and g@c, which conflict",
  );
  const oneshot = { type: "oneshot" } as const;
  rig({ services: [service("g@a", { requires: [required("g@b")], conflicts: ["g@b"] }), service("g@b", oneshot)] });
});
