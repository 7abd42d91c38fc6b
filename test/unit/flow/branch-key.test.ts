import fc from "fast-check";
import { expect, test } from "vitest";
import { displayKey, keyOfRecord, recordOf, recordOfKey } from "../../../src/flow/branch-key.ts";

test("the key of one identity field is its text, of the unnamed branch nothing", () => {
  expect(keyOfRecord(["a/b"])).toBe("a/b");
  expect(keyOfRecord([undefined])).toBe("");
  expect(keyOfRecord([])).toBe("");
  expect(keyOfRecord([undefined, undefined])).toBe("");
});

test("some of several identity fields are no key", () => {
  expect(keyOfRecord(["a", undefined])).toBeUndefined();
});

test("keys of several fields are told apart whatever is in the texts, and can be read back", () => {
  const texts = fc.array(fc.string({ minLength: 1 }), { minLength: 2, maxLength: 3 });
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const key = keyOfRecord(a) ?? "";
      expect(recordOfKey(key, a.length)).toEqual(a);
      if (a.length === b.length) expect(key === keyOfRecord(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test("the unnamed branch reads back as nothing in every field", () => {
  expect([0, 1, 2].map((width) => recordOfKey("", width))).toEqual([[], [undefined], [undefined, undefined]]);
});

test("a number and its text are one identity; other values are none", () => {
  expect(recordOf({ a: 1, b: "1", c: null, d: "" }, ["a", "b", "c", "d", undefined])).toEqual(["1", "1", undefined, undefined, undefined]);
  expect(recordOf([1], ["0"])).toEqual([undefined]);
});

test("people read one field bare, several by name", () => {
  expect(displayKey({ identity: ["id"] }, { id: 7 })).toBe("7");
  expect(displayKey({ identity: ["user", "tty"] }, { tty: 1, user: "al" })).toBe("user=al,tty=1");
  expect(displayKey({ identity: ["id"] }, {})).toBe("");
  expect(displayKey({ identity: [] }, "x")).toBe("");
});
