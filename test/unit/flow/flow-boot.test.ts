import { expect, test } from "vitest";
import { diffStores } from "../../../src/flow/diff-stores.ts";
import { S, service, signal, state, V } from "../../support/decls.ts";
import { brief, fields, flowRig, newFlow } from "../../support/flow-rig.ts";

test("boot derives everything from what was stored, each fact from the stored one", () => {
  const stored = [{ state: "A", key: "1", payload: { id: 1 } }];
  const { booted } = flowRig([state("A"), state("D", { after: [S("A")] })], [], stored);
  expect(brief(booted.effects)).toEqual(['A=1 {"id":1}', 'D=1 {"id":1}']);
  expect(booted.effects.map(({ because }) => because)).toEqual([[], [0]]);
});

test("what has no place any more is set aside: no such state, another kind, another identity", () => {
  const stored = [
    { state: "gone", key: "", payload: null },
    { state: "S", key: "", payload: { a: 1 } },
    { state: "A", key: "1", payload: { id: 1 } },
    { state: "N", key: "", payload: null },
  ];
  const { booted, flow } = flowRig(
    [state("S", { payload: "string" }), state("A", { branch: fields("user") }), state("N", { payload: "none" })],
    [],
    stored,
  );
  expect(booted.setAside).toEqual(stored.slice(0, 3));
  expect([...flow.manual()]).toEqual(stored.slice(3));
});

test("what is set aside comes back with its declaration", () => {
  const { booted } = flowRig([], [], [{ state: "A", key: "1", payload: { id: 1 } }]);
  expect(brief(newFlow({ states: [state("A")] }).boot(booted.setAside).effects)).toEqual(['A=1 {"id":1}']);
});

test("rows of a service that nobody watches any more are dropped, not set aside", () => {
  const row = { state: "~service:s", key: "s", payload: { "~id": "s", "~ready": true } };
  const watched = newFlow({ states: [state("D", { payload: "none", after: [V("s")] })], services: [service("s")] });
  expect(brief(watched.boot([row]).effects)).toEqual(['~service:s=s {"~id":"s","~ready":true}', "D= null"]);
  expect(newFlow({ services: [service("s")] }).boot([row])).toEqual({ effects: [], setAside: [], due: [] });
});

test("branches keep their order over a boot from what was set by hand", () => {
  const { flow, set } = flowRig([state("A"), state("D", { after: [S("A")] })]);
  for (const id of ["c", "a", "b"]) set("A", { id });
  const next = newFlow({ states: [state("D", { after: [S("A")] }), state("A")] });
  next.boot(flow.manual());
  expect([...next.branches("D").keys()]).toEqual(["c", "a", "b"]);
});

test("the difference of two stores is one fact for each branch that differs, without signals and service rows", () => {
  const before = flowRig([state("A"), state("gone"), state("same"), state("D", { after: [S("A")] })]);
  before.set("A", { id: 1 });
  before.set("A", { id: 2 });
  before.set("gone", { id: 1 });
  before.set("same", { id: 1 });
  const after = newFlow({
    states: [state("A"), state("same"), state("D", { payload: "none", after: [S("A")] }), state("R", { payload: "none", after: [V("s")] })],
    signals: [signal("edge", { after: [S("A")] })],
    services: [service("s")],
  });
  after.boot([...before.flow.manual(), { state: "~service:s", key: "s", payload: { "~id": "s", "~ready": true } }]);
  const effects = diffStores(before.flow, after);
  expect(brief(effects)).toEqual(["gone-1", "D-1", "D-2", "D= null", "R= null"]);
  expect(effects.every(({ because }) => because.length === 0)).toBe(true);
  expect(diffStores(after, after)).toEqual([]);
});
