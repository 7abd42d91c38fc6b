import { expect, test } from "vitest";
import type { Match } from "../../../src/model/condition.ts";
import { isJsonObject, type Json } from "../../../src/model/json.ts";
import {
  canonicalText,
  emptyPayload,
  equalJson,
  isSubset,
  matches,
  mergePayload,
  objectOf,
  ownField,
  scalarText,
} from "../../../src/flow/payload.ts";
import { state } from "../../support/decls.ts";
import { flowRig, where } from "../../support/flow-rig.ts";

const equals = (text: string): Match => ({ kind: "equals", text });
const contains = (text: string): Match => ({ kind: "contains", text });
const as = (value: Json): Match => ({ kind: "as", value });

/** Whether a state derived from `source` under these restrictions is active after `payload` was set. */
function derives(payload: "json" | "string" | "bytes" | "any", given: Json, ...match: Match[]): boolean {
  const { set, of } = flowRig([state("A", { payload }), state("D", { payload: "none", after: [where("state", "A", ...match)] })]);
  set("A", given);
  return of("D").length > 0;
}

test("11: a text target holds for that text alone", () => {
  expect(derives("string", "starting", equals("ready"))).toBe(false);
  expect(derives("string", "ready", equals("ready"))).toBe(true);
});

test("12: `contains` holds for a text with that part", () => {
  expect(derives("string", "hello", contains("ell"))).toBe(true);
  expect(derives("string", "hullo", contains("ell"))).toBe(false);
});

test("13: `as` passes over further fields, and fails where one is missing or different", () => {
  expect(derives("json", { id: 1, status: "failed", more: 1 }, as({ status: "failed" }))).toBe(true);
  expect(derives("json", { id: 1 }, as({ status: "failed" }))).toBe(false);
  expect(derives("json", { id: 1, status: "ok" }, as({ status: "failed" }))).toBe(false);
});

test("14: `as` goes into objects, and each element of a list matches some element", () => {
  const filter = { a: { x: 1 }, b: [{ id: 2 }] };
  expect(isSubset(filter, { a: { x: 1, y: 2 }, b: [{ id: 2 }, { id: 3 }] })).toBe(true);
  expect(isSubset(filter, { a: { x: 1 }, b: [{ id: 3 }] })).toBe(false);
  expect(isSubset(filter, { a: { x: 1 }, b: { id: 2 } })).toBe(false);
  expect(isSubset({ a: 1 }, { a: "1" })).toBe(false);
  expect(isSubset({ a: null }, {})).toBe(false);
});

test("16: `binary` holds for bytes alone", () => {
  expect(derives("bytes", "aGVsbG8=", { kind: "binary" })).toBe(true);
  expect(derives("string", "aGVsbG8=", { kind: "binary" })).toBe(false);
  expect(derives("any", "aGVsbG8=", { kind: "binary" })).toBe(false);
});

test("17: several restrictions must all hold", () => {
  expect(derives("json", { id: 1, user: "al" }, as({ id: 1 }), contains("al"))).toBe(true);
  expect(derives("json", { id: 1, user: "al" }, as({ id: 1 }), contains("bo"))).toBe(false);
  expect(derives("json", { id: 2, user: "al" }, as({ id: 1 }), contains("al"))).toBe(false);
});

test("the text of json is its compact json, that of bytes their base64", () => {
  expect(matches([equals('{"id":1}')], { id: 1 }, "json")).toBe(true);
  expect(matches([contains('"id":1')], { id: 1 }, "json")).toBe(true);
  expect(matches([equals("5")], 5, "any")).toBe(true);
  expect(matches([equals("hi")], "hi", "any")).toBe(true);
  expect(matches([contains("Vsb")], "aGVsbG8=", "bytes")).toBe(true);
});

test("equality does not depend on the order of fields, and never looks at prototypes", () => {
  expect(equalJson({ a: 1, b: [1, { c: null }] }, { b: [1, { c: null }], a: 1 })).toBe(true);
  expect(equalJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(equalJson([1, 2], [2, 1])).toBe(false);
  expect(equalJson([], {})).toBe(false);
  expect(equalJson(null, undefined)).toBe(false);
  expect(equalJson({ toString: 1 }, { a: 1 })).toBe(false);
  expect(equalJson({}, { toString: 1 })).toBe(false);
  expect(equalJson(JSON.parse('{"__proto__":{}}'), { a: 1 })).toBe(false);
});

test("fields that bear the names of prototype members are data like any other", () => {
  const wicked: Json = JSON.parse('{"id":1,"__proto__":{"x":1}}');
  expect(isSubset({ constructor: {} }, {})).toBe(false);
  expect(ownField({}, "toString")).toBeUndefined();
  expect(isSubset(JSON.parse('{"__proto__":{"x":1}}'), wicked)).toBe(true);
  const merged = mergePayload(wicked, { y: 2 });
  expect(JSON.stringify(merged)).toBe('{"id":1,"__proto__":{"x":1},"y":2}');
  expect(isJsonObject(merged) && Object.getPrototypeOf(merged) === Object.prototype).toBe(true);
  expect(JSON.stringify(objectOf([["__proto__", 1]]))).toBe('{"__proto__":1}');
});

test("a state can branch by a field called __proto__", () => {
  const field = { target: "__proto__", source: "__proto__" };
  const { set, flow } = flowRig([state("A", { branch: [field] }), state("D", { branch: [field], after: [where("state", "A")] })]);
  set("A", JSON.parse('{"__proto__":"x"}'));
  expect(JSON.stringify([...flow.branches("D")])).toBe('[["x",{"__proto__":"x"}]]');
});

test("equal values have one canonical text", () => {
  expect(canonicalText({ b: 1, a: [true, null, "x"] })).toBe('{"a":[true,null,"x"],"b":1}');
  expect(canonicalText({ a: [true, null, "x"], b: 1 })).toBe(canonicalText({ b: 1, a: [true, null, "x"] }));
});

test("what identifies is a non-empty string, a number or a boolean", () => {
  expect(["a", 1, 1.5, true, "", null, [], {}, undefined].map(scalarText)).toEqual([
    "a",
    "1",
    "1.5",
    "true",
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("a merge works on the top level; lists and scalars replace", () => {
  expect(mergePayload({ a: { x: 1 }, b: 1 }, { a: { y: 1 } })).toEqual({ a: { y: 1 }, b: 1 });
  expect(mergePayload({ a: 1 }, [1])).toEqual([1]);
  expect(mergePayload("x", { a: 1 })).toEqual({ a: 1 });
  expect(mergePayload(undefined, null)).toBeNull();
});

test("each kind has its empty payload", () => {
  expect((["json", "string", "bytes", "none", "any"] as const).map(emptyPayload)).toEqual([{}, "", "", null, null]);
});
