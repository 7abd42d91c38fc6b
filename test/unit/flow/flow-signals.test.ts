import { expect, test } from "vitest";
import type { Change } from "../../../src/model/change.ts";
import { any, G, not, S, signal, state } from "../../support/decls.ts";
import { brief, fields, flowRig } from "../../support/flow-rig.ts";

test("63: a signal after a signal has the same payload", () => {
  const { emit } = flowRig([], [signal("sig1"), signal("sig2", { after: [G("sig1")] })]);
  const { effects } = emit("sig1", { id: 1 });
  expect(brief(effects)).toEqual(['!sig1 {"id":1}', '!sig2 {"id":1}']);
  expect(effects.map(({ because }) => because)).toEqual([[-1], [0]]);
});

test("64: a chain of signals reaches its end, breadth first", () => {
  const { emit } = flowRig(
    [],
    [
      signal("x"),
      signal("a1", { after: [G("x")] }),
      signal("a2", { after: [G("a1")] }),
      signal("b1", { after: [G("x")] }),
      signal("b2", { after: [G("b1")] }),
    ],
  );
  expect(brief(emit("x").effects)).toEqual(["!x null", "!a1 null", "!b1 null", "!a2 null", "!b2 null"]);
});

test("66: a signal after a state is emitted when a branch comes to match, and not when one that does changes", () => {
  const { set, unset } = flowRig([state("A")], [signal("edge", { after: [S("A", { ok: true })] })]);
  expect(brief(set("A", { id: 1, ok: false }).effects)).toEqual(['A=1 {"id":1,"ok":false}']);
  expect(brief(set("A", { id: 1, ok: true }).effects)).toEqual(['A=1 {"id":1,"ok":true}', '!edge {"id":1,"ok":true}']);
  expect(set("A", { id: 1, x: 1 }).effects).toHaveLength(1);
  expect(set("A", { id: 2, ok: true }).effects).toHaveLength(2);
  expect(unset("A", { id: 1 }).effects).toHaveLength(1);
  expect(set("A", { id: 1, ok: true }).effects).toHaveLength(2);
});

test("67: a signal is no branch, is not stored, and is not there after a boot", () => {
  const { flow, emit } = flowRig([state("A")], [signal("x")]);
  expect(emit("x", 1).writes).toEqual([]);
  expect([...flow.branches("x"), ...flow.manual()]).toEqual([]);
});

test("an edge at boot emits nothing", () => {
  const stored = [{ state: "A", key: "1", payload: { id: 1 } }];
  const { booted, set } = flowRig([state("A")], [signal("edge", { after: [S("A")] })], stored);
  expect(brief(booted.effects)).toEqual(['A=1 {"id":1}']);
  expect(brief(set("A", { id: 2 }).effects)).toEqual(['A=2 {"id":2}', '!edge {"id":2}']);
});

test("the states beside a signal are guards: they change neither payload nor number", () => {
  const { set, emit } = flowRig([state("B"), state("M")], [signal("x"), signal("y", { after: [G("x"), S("B"), not(S("M"))] })]);
  expect(brief(emit("x", 1).effects)).toEqual(["!x 1"]);
  set("B", { id: 1 });
  set("B", { id: 2 });
  expect(brief(emit("x", 1).effects)).toEqual(["!x 1", "!y 1"]);
  set("M", { id: 9 });
  expect(brief(emit("x", 1).effects)).toEqual(["!x 1"]);
});

test("with `branch` there is one emission for each combination, with the mapped fields", () => {
  const { set, emit } = flowRig(
    [state("B", { branch: fields("u") })],
    [signal("x"), signal("per", { branch: fields("who:u", "n"), after: [G("x"), S("B")] })],
  );
  set("B", { u: "al" });
  set("B", { u: "bo" });
  expect(brief(emit("x", { n: 1 }).effects)).toEqual(['!x {"n":1}', '!per {"who":"al","n":1}', '!per {"who":"bo","n":1}']);
  expect(brief(emit("x", { n: 1, u: "bo" }).effects)).toEqual(['!x {"n":1,"u":"bo"}', '!per {"who":"bo","n":1}']);
  expect(brief(emit("x", {}).effects)).toEqual(["!x {}"]);
});

test("a signal after states with `branch` is emitted once for each mapped branch that comes", () => {
  const { set } = flowRig([state("A")], [signal("edge", { branch: fields("who:u"), after: [S("A")] })]);
  expect(brief(set("A", { id: 1, u: "al" }).effects)).toEqual(['A=1 {"id":1,"u":"al"}', '!edge {"who":"al"}']);
  expect(set("A", { id: 2, u: "al" }).effects).toHaveLength(1);
});

test("several signals under `any` each set it off", () => {
  const { emit } = flowRig([], [signal("x"), signal("y"), signal("z", { after: [any(G("x"), G("y"))] })]);
  expect(brief(emit("x", 1).effects)).toEqual(["!x 1", "!z 1"]);
  expect(brief(emit("y", 2).effects)).toEqual(["!y 2", "!z 2"]);
});

test("a signal is only set off by the payload that it asks for", () => {
  const target = { kind: "signal", name: "x", match: [{ kind: "as", value: { ok: true } }] } as const;
  const { emit } = flowRig([], [signal("x"), signal("y", { after: [target] })]);
  expect(emit("x", { ok: false }).effects).toHaveLength(1);
  expect(emit("x", { ok: true }).effects).toHaveLength(2);
});

test("a circle of signals ends by itself: each name and payload is delivered once in a transaction", () => {
  const { flow } = flowRig([], [signal("x", { after: [G("y")] }), signal("y", { after: [G("x")] })]);
  const seen = new Set<string>();
  const emit = (payload: number): readonly string[] => brief(flow.step([{ op: "emit", signal: "x", payload }], seen).effects);
  expect(emit(1)).toEqual(["!x 1", "!y 1"]);
  expect(emit(1)).toEqual([]);
  expect(emit(2)).toEqual(["!x 2", "!y 2"]);
});

test("signals are judged against the settled store of their own step", () => {
  const { step } = flowRig([state("A"), state("D", { after: [S("A")] })], [signal("x"), signal("y", { after: [G("x"), S("D")] })]);
  const changes: readonly Change[] = [
    { op: "emit", signal: "x", payload: null },
    { op: "set", state: "A", payload: { id: 1 }, replace: false },
  ];
  expect(brief(step(...changes).effects)).toEqual(['A=1 {"id":1}', 'D=1 {"id":1}', "!x null", "!y null"]);
});

test("what a signal passes on fits its own kind", () => {
  const { emit, set } = flowRig(
    [state("S", { payload: "string" })],
    [
      signal("x"),
      signal("n", { payload: "none", after: [G("x")] }),
      signal("s", { payload: "string", after: [G("x")] }),
      signal("edge", { after: [S("S")] }),
    ],
  );
  expect(brief(emit("x", 5).effects)).toEqual(["!x 5", "!n null", '!s "5"']);
  expect(brief(emit("x", { a: 1 }).effects)).toEqual(['!x {"a":1}', "!n null", '!s ""']);
  expect(brief(set("S", "hi").effects)).toEqual(['S= "hi"', '!edge "hi"']);
});

test("a payload that does not fit the declared kind of a signal is refused", () => {
  const { emit } = flowRig([], [signal("s", { payload: "string" }), signal("j", { payload: "json" }), signal("n", { payload: "none" })]);
  expect(() => emit("s", {})).toThrow("signal s takes a string, not an object");
  expect(() => emit("j", "x")).toThrow("signal j takes a json object, not a string");
  expect(() => emit("n", 1)).toThrow("signal n takes no payload, not 1");
  expect(["s", "j", "n"].flatMap((name) => brief(emit(name).effects))).toEqual(['!s ""', "!j {}", "!n null"]);
});
