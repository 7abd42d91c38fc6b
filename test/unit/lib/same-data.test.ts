import fc from "fast-check";
import { expect, test } from "vitest";
import { sameData } from "../../../src/lib/same-data.ts";

test("two values are the same data exactly where their json is the same text", () => {
  const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(sameData(a, b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      expect(sameData(a, structuredClone(a))).toBe(true);
      expect(sameData({ a, b }, { a, b: structuredClone(b) })).toBe(true);
    }),
  );
});

test("what json has no word for differs, too", () => {
  expect(sameData({ a: Number.POSITIVE_INFINITY }, { a: null })).toBe(false);
  expect(sameData([undefined], [null])).toBe(false);
});
