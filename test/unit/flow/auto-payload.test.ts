import { expect, test } from "vitest";
import type { AutoPayload } from "../../../src/model/unit-set.ts";
import { not, S, state } from "../../support/decls.ts";
import { brief, fields, flowRig, newFlow } from "../../support/flow-rig.ts";

const root: AutoPayload = { eval: "/bin/true", args: [], insert: { kind: "root" } };
const host = state("host", { autoPayload: root });
const derived = state("D", { autoPayload: root, after: [S("gate")] });
const gate = state("gate", { payload: "none" });

test("61: a state set without payload is to be seen when its command has answered, with what that gave", () => {
  const { set, answer, of } = flowRig([host]);
  expect(set("host")).toEqual({ effects: [], writes: [{ state: "host", key: "", payload: {} }], due: ["host"] });
  expect(of("host")).toEqual([]);
  expect(set("host").due).toEqual([]);
  const { effects, writes } = answer("host", { name: "box" });
  expect(brief(effects)).toEqual(['host= {"name":"box"}']);
  expect(effects[0]?.because).toEqual([-1]);
  expect(writes).toEqual([{ state: "host", key: "", payload: { name: "box" } }]);
});

test("61: an answer that names a branch makes that branch, and the pending one is no longer stored", () => {
  const { set, answer, flow } = flowRig([host]);
  set("host");
  const { writes } = answer("host", { id: 7 });
  expect([...flow.branches("host")]).toEqual([["7", { id: 7 }]]);
  expect(writes).toEqual([
    { state: "host", key: "", payload: undefined },
    { state: "host", key: "7", payload: { id: 7 } },
  ]);
});

test("61: a derived state that copies nothing waits for its command, once per activation", () => {
  const { set, unset, answer, of } = flowRig([gate, derived]);
  expect(set("gate").due).toEqual(["D"]);
  expect(of("D")).toEqual([]);
  expect(answer("D", { id: 1 }).writes).toEqual([]);
  expect(of("D")).toEqual([{ id: 1 }]);
  expect(brief(unset("gate").effects)).toEqual(["gate-", "D-1"]);
  expect(set("gate").due).toEqual(["D"]);
});

test("61: an answer that comes when the state is no longer due is dropped", () => {
  const { set, unset, answer, of } = flowRig([gate, derived]);
  set("gate");
  unset("gate");
  expect(answer("D", { id: 1 })).toEqual({ effects: [], writes: [], due: [] });
  expect(of("D")).toEqual([]);
  expect(answer("nobody", 1)).toEqual({ effects: [], writes: [], due: [] });
});

test("61: a command that fails, or whose answer does not fit, gives the empty payload", () => {
  for (const bad of [undefined, 5, { id: null }]) {
    const { set, answer, of } = flowRig([host]);
    set("host");
    answer("host", bad);
    expect(of("host")).toEqual([{}]);
  }
});

test("a state set with a payload needs no command, not even for an empty text", () => {
  const { set, of } = flowRig([state("s", { payload: "string", autoPayload: root })]);
  expect(set("s", "").due).toEqual([]);
  expect(of("s")).toEqual([""]);
});

test("a state that copies a payload needs no command", () => {
  const { set, of } = flowRig([state("base"), state("D", { autoPayload: root, after: [S("base")] })]);
  expect(set("base", { id: 1 }).due).toEqual([]);
  expect(of("D")).toEqual([{ id: 1 }]);
});

test("what is unset while its command runs does not come", () => {
  const { set, unset, answer, of, flow } = flowRig([host]);
  set("host");
  expect(unset("host").writes).toEqual([{ state: "host", key: "", payload: undefined }]);
  answer("host", { id: 1 });
  expect([of("host"), [...flow.manual()]]).toEqual([[], []]);
});

test("a mask that hides the whole state ends the activation, one that concerns a branch hides that branch", () => {
  const { set, unset, answer, of } = flowRig([
    state("M", { payload: "none" }),
    state("session", { branch: fields("tty") }),
    state("tty", {
      branch: fields("tty"),
      autoPayload: root,
      stopOn: [S("M")],
      activateOnNone: [{ state: "session", branch: { target: "tty", source: "tty" } }],
    }),
  ]);
  answer("tty", { tty: "1" });
  expect(of("tty")).toEqual([{ tty: "1" }]);
  set("session", { tty: "2" });
  expect(of("tty")).toEqual([{ tty: "1" }]);
  set("session", { tty: "1" });
  expect(of("tty")).toEqual([]);
  expect(unset("session").due).toEqual([]);
  expect(of("tty")).toEqual([{ tty: "1" }]);
  set("M");
  expect(of("tty")).toEqual([]);
  expect(unset("M").due).toEqual(["tty"]);
});

test("fields set by hand lie over the answer, and the answer is there again without them", () => {
  const { set, unset, answer, of } = flowRig([gate, derived]);
  set("gate");
  answer("D", { id: 1, a: 1 });
  set("D", { id: 1, a: 2 });
  expect(of("D")).toEqual([{ id: 1, a: 2 }]);
  unset("D");
  expect(of("D")).toEqual([{ id: 1, a: 1 }]);
});

test("a stored payload is not asked for again after a boot, a pending one is", () => {
  const boot = (payload: { readonly [field: string]: string }) => newFlow({ states: [host] }).boot([{ state: "host", key: "", payload }]);
  expect(boot({ name: "box" }).due).toEqual([]);
  expect(boot({})).toEqual({ effects: [], setAside: [], due: ["host"] });
});

test("with the answers of the flow before it a flow does not ask again, unless the activation has ended", () => {
  const { flow, set, answer } = flowRig([gate, derived]);
  set("gate");
  answer("D", { id: 1 });
  const next = newFlow({ states: [gate, derived] });
  expect(next.boot(flow.manual(), flow.answers()).due).toEqual([]);
  expect([...next.branches("D").values()]).toEqual([{ id: 1 }]);
  const changed = newFlow({ states: [gate, { ...derived, after: [not(S("gate"))] }] });
  expect(changed.boot(flow.manual(), flow.answers()).due).toEqual([]);
  expect(changed.step([{ op: "unset", state: "gate", filter: undefined }], new Set()).due).toEqual(["D"]);
});
