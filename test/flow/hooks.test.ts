import { expect, test } from "vitest";
import type { Hook } from "../../src/model/unit-set.ts";
import { G, S, service, signal, state } from "../support/decls.ts";
import { rig } from "../support/rig.ts";

const emit = (name: string, value: string): Hook => ({ when: "always", kind: "emit", signal: name, payload: { kind: "value", value } });

function heard(r: ReturnType<typeof rig>, name: string): unknown[] {
  const payloads: unknown[] = [];
  r.supervisor.bus.signal(name).subscribe(({ payload }) => payloads.push(payload));
  return payloads;
}

test("92: on-start fires once per start, on-stop once per end of a process", async () => {
  const decl = service("g@s", { startOn: [G("g@go")], onStart: [emit("g@x", "p")], onStop: [emit("g@y", "q")] });
  const r = rig({ signals: [signal("g@go"), signal("g@x"), signal("g@y")], services: [decl] });
  const starts = heard(r, "g@x");
  const stops = heard(r, "g@y");
  await r.emit("g@go");
  expect([starts, stops]).toEqual([["p"], []]);
  r.launcher.exit("g@s", 1);
  r.clock.advance(1_000);
  expect([starts, stops]).toEqual([["p", "p"], ["q"]]);
});

test("93: a payload with @, colons or a URL is delivered unchanged", async () => {
  const text = "mail to a@b: https://x.y/z?q=state:g@A";
  const r = rig({
    signals: [signal("g@go"), signal("g@x")],
    services: [service("g@s", { startOn: [G("g@go")], onStop: [emit("g@x", text)] })],
  });
  const payloads = heard(r, "g@x");
  await r.emit("g@go");
  r.launcher.exit("g@s", 0);
  expect(payloads).toEqual([text]);
});

test("94: hooks set states and stop services; each waits for the one before, and one that fails lets the rest run", async () => {
  const onStart: Hook[] = [
    { when: "always", kind: "set", state: "g@T", payload: { kind: "value", value: { id: 1 } } },
    { when: "always", kind: "set", state: "g@A", payload: { kind: "value", value: { id: "a", n: 1 } } },
    { when: "always", kind: "service", service: "g@other", action: "stop" },
  ];
  const r = rig({
    states: [state("g@A"), state("g@T", { payload: "string" })],
    signals: [signal("g@go")],
    services: [service("g@s", { startOn: [G("g@go")], onStart }), service("g@other")],
  });
  await r.emit("g@go");
  r.rest();
  expect(r.branches("g@A")).toEqual([{ id: "a", n: 1 }]);
  expect(r.up()).toEqual(["g@s"]);
  expect(r.logged.some(({ message }) => message === "on-start[0] failed")).toBe(true);
});

test("on-stop tells the exit, and when restricts it", async () => {
  const onStop: Hook[] = [
    { when: "failure", kind: "set", state: "g@last", payload: { kind: "exit" } },
    { when: "success", kind: "emit", signal: "g@fine", payload: { kind: "none" } },
  ];
  const r = rig({
    states: [state("g@last")],
    signals: [signal("g@go"), signal("g@fine")],
    services: [service("g@s", { startOn: [G("g@go")], onStop, restart: { ...service("x").restart, on: "never" } })],
  });
  const fine = heard(r, "g@fine");
  await r.emit("g@go");
  r.clock.advance(1_500);
  r.launcher.exit("g@s", 3);
  expect(r.branches("g@last")).toEqual([{ service: "g@s", branch: null, pid: 1_001, code: 3, signal: null, ms: 1_500 }]);
  await r.emit("g@go");
  r.launcher.exit("g@s", 0);
  expect(fine).toHaveLength(1);
});

test("on-ready fires when a service is ready, on-fail when it has failed for good", async () => {
  const decl = service("g@s", {
    startOn: [S("g@A")],
    onReady: [emit("g@ready", "r")],
    onFail: [emit("g@fail", "f")],
    restart: { ...service("x").restart, maxRetries: 1 },
  });
  const r = rig({ states: [state("g@A", { payload: "none" })], signals: [signal("g@ready"), signal("g@fail")], services: [decl] });
  const ready = heard(r, "g@ready");
  const failed = heard(r, "g@fail");
  await r.set("g@A");
  r.launcher.exit("g@s", 1);
  expect([ready.length, failed.length]).toEqual([1, 0]);
  r.clock.advance(1_000);
  r.launcher.exit("g@s", 1);
  expect([ready.length, failed.length]).toEqual([2, 1]);
});

test("002-9: a process is usable as a task, with a task before it and one that its end starts", async () => {
  const start: Hook = { when: "success", kind: "service", service: "g@after", action: "start" };
  const r = rig({
    services: [
      service("g@before", { type: "oneshot" }),
      service("g@task", { type: "oneshot", requires: [{ service: "g@before", is: "ready", onLoss: "stop" }], onStop: [start] }),
      service("g@after", { type: "oneshot", status: "ignore" }),
    ],
  });
  const launched = () => r.launcher.launched.map(({ plan }) => plan.instance);
  expect(launched()).toEqual(["g@before"]);
  r.launcher.exit("g@before", 0);
  expect(launched()).toEqual(["g@before", "g@task"]);
  r.launcher.exit("g@task", 0);
  r.rest();
  expect(launched()).toEqual(["g@before", "g@task", "g@after"]);
});

test("a hook may not touch what Rind keeps itself", async () => {
  const r = rig({
    signals: [signal("g@go")],
    services: [service("g@s", { startOn: [G("g@go")], onStart: [{ when: "always", kind: "unset", state: "rind@up", filter: undefined }] })],
  });
  await r.emit("g@go");
  expect(r.branches("rind@up")).toEqual([null]);
  expect(r.logged.some(({ message }) => message === "on-start[0] failed")).toBe(true);
});

test("every start and stop can be traced back to the outside event", async () => {
  const services = [
    service("g@job", { startOn: [G("g@go")], onStop: [emit("g@done", "ok")] }),
    service("g@mail", { startOn: [G("g@done")] }),
  ];
  const r = rig({ signals: [signal("g@go"), signal("g@done")], services });
  await r.emit("g@go");
  r.launcher.exit("g@job", 0);
  const chain = r.api
    .why("g@mail")
    .because.map((fact) =>
      fact.kind === "outside"
        ? fact.what
        : fact.kind === "phase"
          ? `${fact.instance} ${fact.to}`
          : fact.kind === "request"
            ? `${fact.action} ${fact.instance}`
            : `${fact.kind} ${fact.name}`,
    );
  expect(chain).toEqual([
    "rind emit g@go",
    "signal g@go",
    "start g@job",
    "g@job starting",
    "g@job is up, pid 1001",
    "g@job running",
    "g@job ended",
    "signal g@done",
    "start g@mail",
    "g@mail starting",
    "g@mail is up, pid 1002",
    "g@mail running",
  ]);
});
