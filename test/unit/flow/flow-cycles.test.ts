import { expect, test } from "vitest";
import { all, any, S, state } from "../../support/decls.ts";
import { brief, fields, flowRig } from "../../support/flow-rig.ts";

test("states that support only each other do not exist", () => {
  const { set, unset, of } = flowRig([
    state("A", { branch: fields("id"), after: [S("B")] }),
    state("B", { branch: fields("id"), after: [S("A")] }),
  ]);
  expect(of("A")).toEqual([]);
  set("A", { id: 1 });
  expect(of("B")).toEqual([{ id: "1" }]);
  expect(brief(unset("A").effects)).toEqual(["A-1", "B-1"]);
});

test("a cycle without `branch` hands on the identity alone, as text, and keeps nothing of what is gone", () => {
  const { set, replace, unset, of } = flowRig([state("A", { after: [S("B")] }), state("B", { after: [S("A")] })]);
  set("A", { id: 1, x: 1 });
  expect([of("A"), of("B")]).toEqual([[{ id: 1, x: 1 }], [{ id: "1" }]]);
  replace("A", { id: 1, y: 1 });
  expect([of("A"), of("B")]).toEqual([[{ id: 1, y: 1 }], [{ id: "1" }]]);
  unset("A");
  expect([of("A"), of("B")]).toEqual([[], []]);
});

test("a state in a cycle takes over the identity of its first source outside of it", () => {
  const { set, of } = flowRig([
    state("login", { branch: fields("user") }),
    state("A", { after: [any(S("B"), S("login"))] }),
    state("B", { branch: fields("user"), after: [S("A")] }),
  ]);
  set("login", { user: 1, tty: 2 });
  expect([of("A"), of("B")]).toEqual([[{ user: "1" }], [{ user: "1" }]]);
});

test("branches that stand only on themselves behind a shared projection fall", () => {
  const both = fields("id", "u");
  const { set, unset, of } = flowRig([
    state("b0", { branch: both }),
    state("b1", { branch: both }),
    state("wide", { branch: both, after: [any(S("b0"), all(S("narrow"), S("b1")))] }),
    state("narrow", { branch: fields("id"), after: [S("wide")] }),
  ]);
  set("b0", { id: "a", u: "x" });
  set("b1", { id: "a", u: "y" });
  expect(of("wide")).toHaveLength(2);
  unset("b0");
  expect([of("wide"), of("narrow")]).toEqual([[], []]);
});

test("a branch of a cycle that has another ground stays, in its place, and nobody hears of it", () => {
  const { set, unset, of } = flowRig([
    state("G"),
    state("H"),
    state("A", { branch: fields("id"), after: [any(S("G"), S("H"), S("B"))] }),
    state("B", { branch: fields("id"), after: [S("A")] }),
  ]);
  for (const id of ["c", "a", "b"]) set("G", { id });
  set("H", { id: "c" });
  expect(brief(unset("G", { id: "c" }).effects)).toEqual(["G-c"]);
  expect(of("A")).toEqual([{ id: "c" }, { id: "a" }, { id: "b" }]);
  expect(of("B")).toEqual([{ id: "c" }, { id: "a" }, { id: "b" }]);
});

test("facts of a cycle name what brought them about from outside", () => {
  const { set } = flowRig([
    state("G"),
    state("A", { branch: fields("id"), after: [any(S("G"), S("B"))] }),
    state("B", { branch: fields("id"), after: [S("A")] }),
    state("C", { after: [S("B")] }),
  ]);
  const { effects } = set("G", { id: 1 });
  expect(brief(effects)).toEqual(['G=1 {"id":1}', 'A=1 {"id":"1"}', 'B=1 {"id":"1"}', 'C=1 {"id":"1"}']);
  expect(effects.map(({ because }) => because)).toEqual([[-1], [0], [0], [2]]);
});
