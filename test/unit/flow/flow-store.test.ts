import { expect, test } from "vitest";
import { RejectedError, UndeclaredError } from "../../../src/errors/rind-error.ts";
import type { Json } from "../../../src/model/json.ts";
import type { PayloadKind } from "../../../src/model/unit-set.ts";
import { signal, state } from "../../support/decls.ts";
import { brief, fields, flowRig } from "../../support/flow-rig.ts";

/** What the error says, with what would be right. */
function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RejectedError || error instanceof UndeclaredError) return `${error.message} (${error.hint})`;
    throw error;
  }
  return "accepted";
}

test("39: without `branch`, payloads with one id are one branch, merged on the top level", () => {
  const { set, of } = flowRig([state("A")]);
  set("A", { id: 1, a: 1 });
  set("A", { id: 1, b: 2 });
  expect(of("A")).toEqual([{ id: 1, a: 1, b: 2 }]);
  set("A", { id: 2 });
  expect(of("A")).toHaveLength(2);
});

test("41: with a composite key the same user on another tty is another branch", () => {
  const { set, of } = flowRig([state("A", { branch: fields("u", "tty") })]);
  set("A", { u: "al", tty: 1 });
  set("A", { u: "al", tty: 2 });
  set("A", { u: "al", tty: "1", x: 1 });
  expect(of("A")).toEqual([
    { u: "al", tty: "1", x: 1 },
    { u: "al", tty: 2 },
  ]);
});

test("42: a state that is no json keeps one value, the last", () => {
  const { set, of } = flowRig([state("S", { payload: "string" }), state("B", { payload: "bytes" }), state("Y", { payload: "any" })]);
  const last: readonly (readonly [string, Json, Json])[] = [
    ["S", "a", "b"],
    ["B", "aGk=", ""],
    ["Y", { id: 1 }, 7],
  ];
  for (const [name, first, second] of last) {
    set(name, first);
    set(name, second);
    expect(of(name)).toEqual([second]);
  }
});

test("43: unset with a filter removes what matches, without one everything, and on an inactive state nothing", () => {
  const { set, unset, of } = flowRig([state("A"), state("S", { payload: "string" })]);
  set("A", { id: 1, x: 1 });
  set("A", { id: 2, x: 1 });
  set("A", { id: 3 });
  unset("A", { id: 1 });
  expect(of("A")).toEqual([{ id: 2, x: 1 }, { id: 3 }]);
  unset("A", { x: 1 });
  expect(of("A")).toEqual([{ id: 3 }]);
  unset("A");
  expect(of("A")).toEqual([]);
  expect(unset("A")).toEqual({ effects: [], writes: [], due: [] });
  set("S", "on");
  unset("S", "off");
  expect(of("S")).toEqual(["on"]);
  unset("S", "on");
  expect(of("S")).toEqual([]);
});

test("43: an unset of a state that nobody declared is refused with what was probably meant", () => {
  const { unset } = flowRig([state("net@online")]);
  expect(refusal(() => unset("net@onlin"))).toBe("no state net@onlin (did you mean net@online?)");
});

test("44: a filter that is no object and no string is refused, and nothing is removed", () => {
  const { set, unset, of } = flowRig([state("A"), state("Y", { payload: "any" })]);
  set("A", { id: 1 });
  set("Y", 1);
  for (const filter of [1, true, null, [1]]) expect(refusal(() => unset("A", filter))).toMatch(/^a filter is an object or a string, not /);
  expect(refusal(() => unset("Y", 1))).toContain("not 1");
  expect([of("A"), of("Y")]).toEqual([[{ id: 1 }], [1]]);
});

test("46: a number or a boolean set to a string state is stored as its text", () => {
  const { set, of } = flowRig([state("S", { payload: "string" })]);
  set("S", 1.5);
  expect(of("S")).toEqual(["1.5"]);
  set("S", true);
  expect(of("S")).toEqual(["true"]);
});

test("47: a set of a state that nobody declared is refused", () => {
  const { set, emit } = flowRig([state("A")], [signal("x")]);
  expect(refusal(() => set("nothing-like-it"))).toBe("no state nothing-like-it ()");
  expect(refusal(() => set("x"))).toBe("no state x (x is a signal: it is emitted, not set)");
  expect(refusal(() => emit("A"))).toBe("no signal A (A is a state: it is set, not emitted)");
  expect(refusal(() => set("~edge:x", { id: 1 }))).toContain("no state");
});

test("77: a number and the string of it are one branch", () => {
  const { set, of, flow } = flowRig([state("A")]);
  set("A", { id: 1 });
  set("A", { id: "1", x: 1 });
  expect(of("A")).toEqual([{ id: "1", x: 1 }]);
  expect([...flow.branches("A").keys()]).toEqual(["1"]);
});

test("a payload that does not fit is refused with what would be right", () => {
  const kinds: readonly PayloadKind[] = ["json", "string", "bytes", "none"];
  const { set, of } = flowRig(kinds.map((kind) => state(kind, { payload: kind })));
  expect(refusal(() => set("json", 5))).toBe(
    'state json takes a json object, not 5 (a bare value needs `payload = "any"` or "string" in its declaration)',
  );
  expect(refusal(() => set("json", null))).toContain("takes a json object, not null");
  expect(refusal(() => set("string", { a: 1 }))).toContain("state string takes a string, not an object");
  expect(refusal(() => set("string", null))).toContain("takes a string, not null");
  for (const bad of ["a", "ab=c", "a===", "a b=", 5]) expect(refusal(() => set("bytes", bad))).toContain("takes bytes in base64");
  expect(refusal(() => set("none", "x"))).toContain("takes no payload, not a string");
  expect(kinds.flatMap((kind) => of(kind))).toEqual([]);
});

test("an identity field that is missing or cannot identify is refused by name", () => {
  const { set } = flowRig([state("login", { branch: fields("user", "tty") }), state("A")]);
  expect(refusal(() => set("login", { user: "al" }))).toBe(
    "state login: the payload lacks the field tty (its branches are told apart by user, tty)",
  );
  expect(refusal(() => set("login", {}))).toContain("lacks the field user, tty");
  expect(refusal(() => set("login", [1]))).toContain("lacks the field user, tty");
  expect(refusal(() => set("login", { user: "", tty: 1 }))).toContain(
    "the field user is the empty string, which cannot tell branches apart",
  );
  expect(refusal(() => set("A", { id: null }))).toContain("the field id is null");
});

test("with the default identity a payload without id, also a list, is the unnamed branch", () => {
  const { set, of, flow } = flowRig([state("A")]);
  set("A", { x: 1 });
  set("A", { y: 1 });
  expect(of("A")).toEqual([{ x: 1, y: 1 }]);
  set("A", [1, 2]);
  expect(of("A")).toEqual([[1, 2]]);
  set("A", { id: 1 });
  expect([...flow.branches("A").keys()]).toEqual(["", "1"]);
});

test("`replace` puts the payload in the place of the branch", () => {
  const { set, replace, of } = flowRig([state("A")]);
  set("A", { id: 1, a: 1 });
  replace("A", { id: 1, b: 1 });
  expect(of("A")).toEqual([{ id: 1, b: 1 }]);
});

test("setting what is already so causes nothing", () => {
  const { set } = flowRig([state("A")]);
  set("A", { id: 1, a: 1 });
  expect(set("A", { a: 1, id: 1 })).toEqual({ effects: [], writes: [], due: [] });
  expect(set("A", { id: 1 })).toEqual({ effects: [], writes: [], due: [] });
});

test("a set without payload carries the empty value of its kind, and on an active state changes nothing", () => {
  const kinds: readonly PayloadKind[] = ["json", "string", "bytes", "none", "any"];
  const { set, of } = flowRig(kinds.map((kind) => state(kind, { payload: kind })));
  for (const kind of kinds) set(kind);
  expect(kinds.map((kind) => of(kind))).toEqual([[{}], [""], [""], [null], [null]]);
  set("string", "x");
  set("json", { id: 1 });
  for (const kind of kinds) expect(set(kind)).toEqual({ effects: [], writes: [], due: [] });
  expect(of("string")).toEqual(["x"]);
});

test("a set without payload of a state with `branch` is refused while it is inactive", () => {
  const { set, of } = flowRig([state("login", { branch: fields("user") })]);
  expect(refusal(() => set("login"))).toContain("lacks the field user");
  set("login", { user: "al" });
  set("login");
  expect(of("login")).toEqual([{ user: "al" }]);
});

test("one refused change refuses its whole step, and nothing of it surfaces later", () => {
  const { step, emit, of } = flowRig([state("A"), state("B", { branch: fields("u") })], [signal("x")]);
  const good = { op: "set", state: "A", payload: { id: 1 }, replace: false } as const;
  for (const bad of [
    { op: "set", state: "B", payload: { id: 1 }, replace: false },
    { op: "unset", state: "A", filter: 1 },
    { op: "emit", signal: "y", payload: null },
  ] as const) {
    expect(() => step(good, { op: "emit", signal: "x", payload: 1 }, bad)).toThrow(/./);
    expect(brief(emit("x").effects)).toEqual(["!x null"]);
    expect(of("A")).toEqual([]);
  }
});

test("a set without payload after an unset in the same step does nothing where it would be refused", () => {
  const { set, step, of } = flowRig([state("login", { branch: fields("user") })]);
  set("login", { user: "al" });
  const unset = { op: "unset", state: "login", filter: undefined } as const;
  expect(brief(step(unset, { op: "set", state: "login", payload: undefined, replace: false }).effects)).toEqual(["login-al"]);
  expect(of("login")).toEqual([]);
});

test("the changes of a step are each the cause of what they bring about", () => {
  const { step } = flowRig([state("A"), state("B")]);
  const set = (name: string, payload: Json) => ({ op: "set", state: name, payload, replace: false }) as const;
  const { effects, writes } = step(set("A", { id: 1 }), set("B", { id: 2 }), set("A", { id: 1, x: 1 }));
  expect(effects.map(({ because }) => because)).toEqual([[-1, -3], [-2]]);
  expect(brief(effects)).toEqual(['A=1 {"id":1,"x":1}', 'B=2 {"id":2}']);
  expect(writes.map(({ payload }) => payload)).toEqual([{ id: 1 }, { id: 2 }, { id: 1, x: 1 }]);
});

test("the answer of `check` is that of `step`, and it changes nothing", () => {
  const { flow, of } = flowRig([state("A")], [signal("x", { payload: "string" })]);
  flow.check({ op: "set", state: "A", payload: { id: 1 }, replace: false });
  flow.check({ op: "emit", signal: "x", payload: 1 });
  expect(() => flow.check({ op: "set", state: "A", payload: 1, replace: false })).toThrow(RejectedError);
  expect(() => flow.check({ op: "emit", signal: "x", payload: {} })).toThrow(RejectedError);
  expect(of("A")).toEqual([]);
});
