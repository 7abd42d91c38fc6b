import fc from "fast-check";
import { expect, test } from "vitest";
import type { TextRecord } from "../../../src/flow/branch-key.ts";
import { components, wayBetween } from "../../../src/flow/components.ts";
import { Copies } from "../../../src/flow/copies.ts";
import { Heap } from "../../../src/flow/heap.ts";
import { mergeRecords, OpenIndex } from "../../../src/flow/open-index.ts";
import { canonicalText } from "../../../src/flow/payload.ts";
import { Spellings } from "../../../src/flow/spellings.ts";

const record: fc.Arbitrary<TextRecord> = fc.tuple(
  fc.constantFrom(undefined, "a", "b"),
  fc.constantFrom(undefined, "a", "1:a"),
  fc.constantFrom(undefined, "a"),
);

test("an open index finds exactly the records that agree, after any additions and removals", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(record, fc.boolean())), record, (entries, asked) => {
      const index = new OpenIndex<{ readonly record: TextRecord }>();
      const items = entries.map(([own]) => ({ record: own }));
      for (const [i, item] of items.entries()) {
        index.add(item);
        if (i % 3 === 0) index.hasAgreeing(asked);
      }
      for (const [i, [, isRemoved]] of entries.entries()) {
        const item = items[i];
        if (isRemoved && item !== undefined) index.delete(item);
      }
      const left = items.filter((_, i) => entries[i]?.[1] === false);
      const agreeing = left.filter((item) => mergeRecords(item.record, asked) !== undefined);
      expect(new Set(index.agreeing(asked))).toEqual(new Set(agreeing));
      expect(index.hasAgreeing(asked)).toBe(agreeing.length > 0);
      expect(index.hasLoose()).toBe(left.some((item) => item.record.every((text) => text === undefined)));
    }),
  );
});

test("a heap gives its entries in order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (numbers) => {
      const heap = new Heap<number>((a, b) => a < b);
      for (const number of numbers) heap.push(number);
      expect(numbers.map(() => heap.pop())).toEqual([...numbers].sort((a, b) => a - b));
      expect([heap.pop(), heap.size]).toEqual([undefined, 0]);
    }),
  );
});

test("of all copies the smallest text is known after any changes", () => {
  const change = fc.record({
    key: fc.constantFrom("a", "b", "c"),
    payload: fc.option(fc.record({ x: fc.integer({ min: 0, max: 3 }) }), { nil: undefined, freq: 3 }),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60, size: "max" }), (changes) => {
      const copies = new Copies();
      const kept = new Map<string, { x: number }>();
      for (const { key, payload } of changes) {
        if (payload === undefined) {
          copies.delete(key);
          kept.delete(key);
        } else {
          copies.set(key, payload);
          kept.set(key, payload);
        }
        const smallest = [...kept.values()].sort((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1))[0];
        expect(copies.smallest()).toEqual(smallest);
      }
    }),
  );
});

test("the best spelling is that whose first column that differs is a string", () => {
  const spelling = fc.integer({ min: 0, max: 7 });
  fc.assert(
    fc.property(fc.array(fc.tuple(spelling, fc.boolean()), { minLength: 1 }), (entries) => {
      const spellings = new Spellings();
      const counts = new Map<number, number>();
      const count = (one: number): number => counts.get(one) ?? 0;
      for (const [one, isRemoval] of entries) {
        const before = new Set([...counts.keys()].filter((known) => count(known) > 0));
        if (isRemoval && count(one) === 0) continue;
        counts.set(one, count(one) + (isRemoval ? -1 : 1));
        const told = isRemoval ? spellings.remove(one) : spellings.add(one);
        const left = [...counts.keys()].filter((known) => count(known) > 0);
        expect(told).toBe(left.length !== before.size);
        const rank = (value: number): string => [2, 0, 1].map((column) => ((value & (1 << column)) !== 0 ? "0" : "1")).join("");
        if (left.length > 0) expect(spellings.best([2, 0, 1])).toBe(left.sort((a, b) => (rank(a) < rank(b) ? -1 : 1))[0]);
      }
    }),
  );
});

test("components come after what they depend on, and hold what depends on each other", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const name = fc.constantFrom(...names);
  const graph = fc.array(fc.tuple(name, name), { maxLength: 12 });
  fc.assert(
    fc.property(graph, fc.shuffledSubarray(names, { minLength: names.length }), (edges, order) => {
      const inputs = (from: string): string[] => edges.flatMap(([a, b]) => (a === from ? [b] : []));
      const reaches = (from: string, to: string, seen = new Set<string>()): boolean =>
        inputs(from).some((next) => next === to || (!seen.has(next) && reaches(next, to, seen.add(next))));
      const groups = components(names, inputs);
      expect(components(order, inputs)).toEqual(groups);
      const placeOf = new Map(groups.flatMap((group, place) => group.map((one) => [one, place] as const)));
      for (const a of names) {
        for (const b of names) {
          if (a === b) continue;
          const isCircle = reaches(a, b) && reaches(b, a);
          expect(placeOf.get(a) === placeOf.get(b)).toBe(isCircle);
          if (reaches(a, b) && !isCircle) expect(placeOf.get(b)).toBeLessThan(placeOf.get(a) ?? -1);
          if (!isCircle) continue;
          const way = wayBetween(a, b, groups[placeOf.get(a) ?? -1] ?? [], inputs);
          expect([way[0], way.at(-1)]).toEqual([a, b]);
          for (const [i, step] of way.slice(1).entries()) expect(inputs(way[i] ?? "")).toContain(step);
        }
      }
    }),
  );
});

test("a chain of 100,000 names does not overflow the stack", () => {
  const names = Array.from({ length: 100_000 }, (_, i) => `n${i}`);
  expect(components(names, (name) => (name === "n0" ? [] : [`n${Number(name.slice(1)) - 1}`]))).toHaveLength(names.length);
});
