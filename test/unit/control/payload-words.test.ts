import { expect, test } from "vitest";
import { readFilter, readPairs, readPayload } from "../../../src/control/payload-words.ts";
import type { Json } from "../../../src/model/json.ts";
import type { PayloadKind } from "../../../src/model/unit-set.ts";

const words = (...given: string[]) => ({ kind: "words", words: given }) as const;

test.each<[PayloadKind, string[], Json | undefined]>([
  ["string", ["hello"], "hello"],
  ["string", ["hello", "big  world"], "hello big  world"],
  ["string", ['{"a":1}'], '{"a":1}'],
  ["string", ["a=1"], "a=1"],
  ["string", [""], ""],
  ["string", [], undefined],
  ["json", ['{"a":1}'], { a: 1 }],
  ["json", ["[1,2]"], [1, 2]],
  ["json", ['{"a":', "1}"], { a: 1 }],
  ["json", ["id=1", "user=ann=bob", "empty="], { id: "1", user: "ann=bob", empty: "" }],
  ["json", [], undefined],
  ["any", ["42"], 42],
  ["any", ["true"], true],
  ["any", ['"text"'], "text"],
  ["any", ['{"a":1}'], { a: 1 }],
  ["any", ["a=1", "b=2"], { a: "1", b: "2" }],
  ["any", ["a=1", "b"], "a=1 b"],
  ["any", ["plain", "words"], "plain words"],
  ["any", ["null"], null],
  ["any", [], undefined],
  ["none", [], undefined],
  ["none", [""], undefined],
  ["bytes", ["aGVsbG8="], "aGVsbG8="],
  ["bytes", ["aGVs\nbG8=\n"], "aGVsbG8="],
])("%s reads %j", (kind, given, payload) => {
  expect(readPayload(kind, words(...given))).toEqual(payload);
});

test("a field called __proto__ is a field", () => {
  const payload = readPayload("json", words("__proto__=x"));
  expect(Object.keys(payload ?? {})).toEqual(["__proto__"]);
});

test.each<[PayloadKind, string[], string, number]>([
  ["none", ["x"], "this takes no payload", 1],
  ["json", ["hello"], '"hello" is neither a json object or array nor KEY=VALUE words', 1],
  ["json", ["42"], '"42" is neither', 1],
  ["json", ["a=1", "b"], '"a=1 b" is neither', 1],
  ["json", ['{"a":1'], "the payload is not valid json", 64],
  ["json", ["a=1", "a=2"], '"a" is given twice', 64],
  ["bytes", ["hello!"], '"hello!" is not base64', 1],
  ["json", ["[".repeat(5_000) + "]".repeat(5_000)], "nested too deeply", 1],
])("%s refuses %j", (kind, given, message, exitCode) => {
  expect(() => readPayload(kind, words(...given))).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message), exitCode }),
  );
});

test("a refusal says what would be right", () => {
  expect(() => readPayload("json", words("hello"))).toThrow(expect.objectContaining({ hint: expect.stringContaining("name=VALUE") }));
});

test("json from a program passes as it is, also null", () => {
  expect(readPayload("string", { kind: "json", value: 7 })).toBe(7);
  expect(readPayload("json", { kind: "json", value: null })).toBeNull();
});

test.each<[string[], Json | undefined]>([
  [[], undefined],
  [['{"id":1}'], { id: 1 }],
  [["id=1", "tty=a"], { id: "1", tty: "a" }],
  [["plain"], "plain"],
  [["1"], "1"],
  [["[1]"], "[1]"],
  [["{broken"], "{broken"],
])("a filter %j is read", (given, filter) => {
  expect(readFilter(given)).toEqual(filter);
});

test("a word is a pair only with a key that looks like one", () => {
  expect(readPairs(["=x"])).toBeUndefined();
  expect(readPairs(['{"a":"b=c"}'])).toBeUndefined();
  expect(readPairs(["a b=c"])).toBeUndefined();
});
