import { expect, test } from "vitest";
import { all, any, not, S, state } from "../../support/decls.ts";
import { brief, fields, flowRig } from "../../support/flow-rig.ts";

test("48: a derived state copies the branches of its source, and reverts with them", () => {
  const { set, unset, of } = flowRig([state("base"), state("derived", { after: [S("base")] })]);
  expect(brief(set("base", { id: "a1", x: 1 }).effects)).toEqual(['base=a1 {"id":"a1","x":1}', 'derived=a1 {"id":"a1","x":1}']);
  expect(of("derived")).toEqual([{ id: "a1", x: 1 }]);
  expect(brief(unset("base", { id: "a1" }).effects)).toEqual(["base-a1", "derived-a1"]);
  expect(of("derived")).toEqual([]);
});

test("49: a mapped branch holds exactly the mapped fields", () => {
  const { set, of } = flowRig([state("base"), state("derived", { branch: fields("tty:seat"), after: [S("base")] })]);
  set("base", { id: 1, seat: "tty1", user: "al" });
  expect(of("derived")).toEqual([{ tty: "tty1" }]);
});

test("51: `after` holds while all of its items do", () => {
  const { set, unset, of } = flowRig([state("A"), state("B"), state("D", { payload: "none", after: [S("A"), S("B")] })]);
  set("A", { id: 1 });
  expect(of("D")).toEqual([]);
  set("B", { id: 2 });
  expect(of("D")).toEqual([null]);
  unset("A");
  expect(of("D")).toEqual([]);
});

test("52: a branch that two source branches map to goes with the last of them", () => {
  const { set, unset, of } = flowRig([state("base"), state("derived", { branch: fields("tty:seat"), after: [S("base")] })]);
  set("base", { id: 1, seat: "tty1" });
  expect(set("base", { id: 2, seat: "tty1" }).effects).toHaveLength(1);
  unset("base", { id: 1 });
  expect(of("derived")).toEqual([{ tty: "tty1" }]);
  unset("base", { id: 2 });
  expect(of("derived")).toEqual([]);
});

test("53: a chain activates and reverts in one step, each fact caused by the one before", () => {
  const { set, unset } = flowRig([state("C", { after: [S("B")] }), state("B", { after: [S("A")] }), state("A")]);
  const { effects } = set("A", { id: 1 });
  expect(brief(effects)).toEqual(['A=1 {"id":1}', 'B=1 {"id":1}', 'C=1 {"id":1}']);
  expect(effects.map(({ because }) => because)).toEqual([[-1], [0], [1]]);
  expect(brief(unset("A").effects)).toEqual(["A-1", "B-1", "C-1"]);
});

test("54: only branches that match derive, and an update that no longer matches reverts", () => {
  const { set, of } = flowRig([state("A"), state("D", { after: [S("A", { ok: true })] })]);
  set("A", { id: 1, ok: true });
  set("A", { id: 2, ok: false });
  expect(of("D")).toEqual([{ id: 1, ok: true }]);
  set("A", { id: 1, ok: false });
  expect(of("D")).toEqual([]);
});

test("56: a derived state without payload accepts every kind of source", () => {
  const kinds = ["json", "string", "bytes", "none", "any"] as const;
  const states = kinds.flatMap((kind) => [state(kind, { payload: kind }), state(`D-${kind}`, { payload: "none", after: [S(kind)] })]);
  const { set, of } = flowRig(states);
  for (const kind of kinds) set(kind);
  expect(kinds.map((kind) => of(`D-${kind}`))).toEqual(kinds.map(() => [null]));
});

test("57: `activate-on-none` is active while the other state is not, from boot on", () => {
  const { booted, set, unset, of } = flowRig([
    state("A"),
    state("idle", { payload: "none", activateOnNone: [{ state: "A", branch: undefined }] }),
  ]);
  expect(brief(booted.effects)).toEqual(["idle= null"]);
  expect(brief(set("A", { id: 1 }).effects)).toEqual(['A=1 {"id":1}', "idle-"]);
  unset("A");
  expect(of("idle")).toEqual([null]);
});

test("58: with two states in `activate-on-none` it is active only when both are absent", () => {
  const none = ["A", "B"].map((name) => ({ state: name, branch: undefined }));
  const { set, unset, of } = flowRig([state("A"), state("B"), state("idle", { payload: "none", activateOnNone: none })]);
  set("A", { id: 1 });
  set("B", { id: 1 });
  unset("A");
  expect(of("idle")).toEqual([]);
  unset("B");
  expect(of("idle")).toEqual([null]);
});

test("59: `activate-on-none` stays inactive while one of two branches is left", () => {
  const { set, unset, of } = flowRig([state("A"), state("idle", { payload: "none", activateOnNone: [{ state: "A", branch: undefined }] })]);
  set("A", { id: 1 });
  set("A", { id: 2 });
  unset("A", { id: 1 });
  expect(of("idle")).toEqual([]);
});

test("62: a branched `activate-on-none` masks only the branch that agrees", () => {
  const login = state("login", {
    branch: fields("tty"),
    after: [S("tty")],
    activateOnNone: [{ state: "session", branch: { target: "tty", source: "seat" } }],
  });
  const { set, unset, of } = flowRig([state("tty", { branch: fields("tty") }), state("session", { branch: fields("sid") }), login]);
  set("tty", { tty: "1" });
  set("tty", { tty: "2" });
  set("session", { sid: 9, seat: "1" });
  expect(of("login")).toEqual([{ tty: "2" }]);
  unset("session");
  expect(of("login")).toEqual([{ tty: "2" }, { tty: "1" }]);
});

test("a stop-on masks the branches that agree by this state's own names, a blocker without them masks all", () => {
  const { set, unset, of } = flowRig([
    state("login", { branch: fields("sid") }),
    state("lock", { branch: fields("sid") }),
    state("D", { branch: fields("tty:seat"), after: [S("login")], stopOn: [S("lock")] }),
  ]);
  set("login", { sid: 1, seat: "a" });
  set("login", { sid: 2, seat: "b" });
  set("lock", { sid: 1, tty: "a" });
  expect(of("D")).toEqual([{ tty: "b" }]);
  set("lock", { sid: 2 });
  expect(of("D")).toEqual([]);
  unset("lock");
  expect(of("D")).toHaveLength(2);
});

test("what is set by hand under a mask is kept and back when the mask goes", () => {
  const { flow, set, unset, of } = flowRig([state("M", { payload: "none" }), state("D", { stopOn: [S("M")] })]);
  set("M");
  expect(set("D", { id: 1 }).writes).toEqual([{ state: "D", key: "1", payload: { id: 1 } }]);
  expect(of("D")).toEqual([]);
  expect(flow.supports("D", "1")).toEqual({ manual: { id: 1 }, derived: false, masked: true });
  unset("M");
  expect(of("D")).toEqual([{ id: 1 }]);
});

test("an unset by filter judges a masked branch by what was set by hand", () => {
  const { set, unset, of } = flowRig([state("M", { payload: "none" }), state("D", { stopOn: [S("M")] })]);
  set("M");
  set("D", { id: 1, x: 1 });
  set("D", { id: 2, x: 2 });
  unset("D", { x: 1 });
  unset("M");
  expect(of("D")).toEqual([{ id: 2, x: 2 }]);
});

test("fields set by hand lie over the derived payload, and unset leaves what is derived", () => {
  const { flow, set, unset, of } = flowRig([state("A"), state("D", { after: [S("A")] })]);
  set("A", { id: 1, from: "A" });
  set("D", { id: 1, x: 1 });
  expect(of("D")).toEqual([{ id: 1, from: "A", x: 1 }]);
  expect(flow.supports("D", "1")).toEqual({ manual: { id: 1, x: 1 }, derived: true, masked: false });
  unset("D");
  expect(of("D")).toEqual([{ id: 1, from: "A" }]);
});

test("setting what is derived already is stored, though nothing is to be seen of it", () => {
  const { set } = flowRig([state("A"), state("D", { after: [S("A")] })]);
  set("A", { id: 1 });
  expect(set("D", { id: 1 })).toEqual({ effects: [], writes: [{ state: "D", key: "1", payload: { id: 1 } }], due: [] });
});

test("a filter is judged on what is to be seen, derived fields and all", () => {
  const { set, unset, of } = flowRig([state("A"), state("D", { after: [S("A")] })]);
  set("A", { id: 1, from: "A" });
  set("D", { id: 1, x: 1 });
  unset("D", { from: "B" });
  expect(of("D")).toEqual([{ id: 1, from: "A", x: 1 }]);
  unset("D", { from: "A" });
  expect(of("D")).toEqual([{ id: 1, from: "A" }]);
});

test("an unset of what was not set by hand changes nothing", () => {
  const { flow, set, unset, of } = flowRig([state("A"), state("D", { after: [S("A")] })]);
  set("A", { id: 1 });
  expect(unset("D")).toEqual({ effects: [], writes: [], due: [] });
  expect(flow.supports("D", "1")).toEqual({ manual: undefined, derived: true, masked: false });
  expect(of("D")).toEqual([{ id: 1 }]);
});

test("sources join on the mapped fields; one that carries none of them is a gate and never multiplies", () => {
  const { set, of } = flowRig([
    state("login", { branch: fields("user") }),
    state("nic", { branch: fields("dev") }),
    state("D", { branch: fields("user"), after: [S("login"), S("nic")] }),
  ]);
  for (let i = 0; i < 50; i++) {
    set("nic", { dev: i });
    set("login", { user: i });
  }
  expect(of("D")).toHaveLength(50);
});

test("sources that carry the same field must have the same text there", () => {
  const { set, of } = flowRig([state("A"), state("B"), state("D", { branch: fields("id"), after: [S("A"), S("B")] })]);
  set("A", { id: 1 });
  set("A", { id: 2 });
  set("B", { id: "2" });
  set("B", { id: 3 });
  expect(of("D")).toEqual([{ id: 2 }]);
});

test("a mapped field that no source carries derives nothing", () => {
  const { set, of } = flowRig([state("A"), state("D", { branch: fields("seat"), after: [S("A")] })]);
  set("A", { id: 1 });
  expect(of("D")).toEqual([]);
});

test("without `branch` identity and payload are those of the first source of its kind", () => {
  const { set, of, flow } = flowRig([
    state("gate", { payload: "string" }),
    state("login", { branch: fields("user") }),
    state("other"),
    state("D", { after: [S("gate"), S("login"), S("other")] }),
  ]);
  set("gate", "on");
  set("other", { id: 1, x: 1 });
  set("login", { user: "al", tty: 1 });
  expect(of("D")).toEqual([{ user: "al", tty: 1 }]);
  expect([...flow.branches("D").keys()]).toEqual(["al"]);
});

test("a copied branch stays while one of the branches that it was joined with is left", () => {
  const { set, unset, of } = flowRig([state("A"), state("B"), state("D", { after: [S("A"), S("B")] })]);
  set("A", { id: 1 });
  set("B", { id: 1 });
  set("B", { x: 1 });
  expect(unset("B", { id: 1 }).effects).toHaveLength(1);
  expect(of("D")).toEqual([{ id: 1 }]);
  unset("B");
  expect(of("D")).toEqual([]);
});

test("a row is blocked while any of its negated states has something that agrees", () => {
  const { set, unset, of } = flowRig([state("A"), state("M"), state("N"), state("D", { after: [S("A"), not(S("M")), not(S("N"))] })]);
  set("A", { id: 1 });
  set("M", { id: 1 });
  set("N", { id: 1 });
  unset("M");
  expect(of("D")).toEqual([]);
  unset("N");
  expect(of("D")).toEqual([{ id: 1 }]);
});

test("of several alternatives the payload is that of the earliest, and of equals the smallest text", () => {
  const { set, unset, of } = flowRig([
    state("A", { payload: "string" }),
    state("B", { payload: "string" }),
    state("D", { payload: "string", after: [any(S("A"), S("B"))] }),
    state("base"),
    state("E", { payload: "any", after: [S("base")] }),
  ]);
  set("B", "b");
  set("A", "z");
  expect(of("D")).toEqual(["z"]);
  unset("A");
  expect(of("D")).toEqual(["b"]);
  set("base", { id: 2, x: 1 });
  set("base", { id: 1, x: 2 });
  expect(of("E")).toEqual([{ id: 1, x: 2 }]);
  unset("base", { id: 1 });
  expect(of("E")).toEqual([{ id: 2, x: 1 }]);
});

test("a negated state is absent for a branch while none of its branches agrees", () => {
  const { set, unset, of } = flowRig([state("A"), state("B"), state("D", { after: [S("A"), not(all(S("B"), S("B", { x: 1 })))] })]);
  set("A", { id: 1 });
  set("A", { id: 2 });
  set("B", { id: 1, x: 1 });
  expect(of("D")).toEqual([{ id: 2 }]);
  set("B", { id: 1, x: 2 });
  expect(of("D")).toHaveLength(2);
  unset("B");
  expect(of("D")).toHaveLength(2);
});

test("two spellings of a mapped field are one branch with the smaller json text, whatever came first", () => {
  const { set, unset, of } = flowRig([state("A"), state("D", { branch: fields("u"), after: [S("A")] })]);
  set("A", { id: "a", u: 1 });
  expect(of("D")).toEqual([{ u: 1 }]);
  set("A", { id: "b", u: "1" });
  expect(of("D")).toEqual([{ u: "1" }]);
  unset("A", { id: "b" });
  expect(of("D")).toEqual([{ u: 1 }]);
});

test("a payload never mixes the spellings of two source branches", () => {
  const { set, of } = flowRig([state("A"), state("D", { branch: fields("u", "v"), after: [S("A")] })]);
  set("A", { id: "a", u: 1, v: "2" });
  set("A", { id: "b", u: "1", v: 2 });
  expect(of("D")).toEqual([{ u: "1", v: 2 }]);
});

test("branches that all other branches outlive keep their place when their payload changes", () => {
  const { set, of } = flowRig([state("A"), state("D", { after: [S("A")] })]);
  for (const id of ["c", "a", "b"]) set("A", { id });
  set("A", { id: "c", x: 1 });
  expect(of("A")).toEqual([{ id: "c", x: 1 }, { id: "a" }, { id: "b" }]);
  expect(of("D")).toEqual([{ id: "c", x: 1 }, { id: "a" }, { id: "b" }]);
});
