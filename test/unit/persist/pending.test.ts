import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encodeGroup, HEADER, writeLine } from "../../../src/persist/format.ts";
import { Pending } from "../../../src/persist/pending.ts";

function add(pending: Pending, key: string, value: number | undefined): void {
  pending.add(key, value === undefined ? undefined : writeLine({ key, value }));
}

/** What a map becomes when the pending writes are read into it. */
function replayed(base: ReadonlyMap<string, number>, pending: Pending): [string, unknown][] {
  const map = new Map<string, unknown>(base);
  for (const { key, value } of decode(Buffer.concat([HEADER, encodeGroup(pending.text())])).writes) {
    if (value === undefined) map.delete(key);
    else map.set(key, value);
  }
  return [...map];
}

test("of many writes of one key only the last is pending", () => {
  const pending = new Pending();
  for (let i = 0; i < 1_000; i++) add(pending, "a", i);
  expect(pending.text()).toBe('["a",999]\n');
});

test("what was taken is pending no more, until it is put back", () => {
  const pending = new Pending();
  add(pending, "a", 1);
  const taken = pending.take();
  expect(pending.empty).toBe(true);
  add(pending, "b", 2);
  pending.restore(taken);
  expect(pending.text()).toBe('["a",1]\n["b",2]\n');
});

test("whatever is set, removed, taken and put back: read again it gives the same map in the same order", () => {
  const key = fc.constantFrom("a", "b", "c", "d");
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ key, value: fc.option(fc.nat(9), { nil: undefined }) }) },
    { weight: 1, arbitrary: fc.constantFrom("take" as const, "restore" as const, "stored" as const) },
  );
  fc.assert(
    fc.property(fc.array(key), fc.array(step, { maxLength: 30 }), (first, steps) => {
      const base = new Map(first.map((name) => [name, -1]));
      const expected = new Map(base);
      let stored: ReadonlyMap<string, number> = base;
      let whenTaken = stored;
      let taken: Pending | undefined;
      const pending = new Pending();
      for (const now of steps) {
        if (now === "take") {
          if (taken !== undefined) continue;
          taken = pending.take();
          whenTaken = new Map(expected);
        } else if (now === "restore") {
          if (taken !== undefined) pending.restore(taken);
          taken = undefined;
        } else if (now === "stored") {
          if (taken !== undefined) stored = whenTaken;
          taken = undefined;
        } else {
          add(pending, now.key, now.value);
          if (now.value === undefined) expected.delete(now.key);
          else expected.set(now.key, now.value);
        }
      }
      if (taken !== undefined) pending.restore(taken);
      expect(replayed(stored, pending)).toEqual([...expected]);
    }),
    { numRuns: 1_000 },
  );
});
