import fc from "fast-check";
import { expect, test } from "vitest";
import { LINE_OVERHEAD, type LineSource, LineStore } from "../../../src/log/line-store.ts";

const sources: readonly LineSource[] = [
  { instance: "g@s", stream: "stdout" },
  { instance: "g@s", stream: "stderr" },
];

test("lines come out as they went in, however the memory went round", () => {
  const step = fc.oneof({ weight: 2, arbitrary: fc.uint8Array({ maxLength: 700 }) }, { weight: 1, arbitrary: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const store = new LineStore();
      const expected: object[] = [];
      for (const [seq, now] of steps.entries()) {
        if (typeof now === "number") {
          for (let i = 0; i < now; i++) {
            store.dropOldest();
            expected.shift();
          }
        } else {
          const source = sources[seq % 2] ?? { instance: "", stream: "stdout" };
          store.push(source, seq, 1_000 + seq, Buffer.from(now));
          expected.push({ ...source, seq, time: 1_000 + seq, bytes: Buffer.from(now) });
        }
      }
      expect(Array.from({ length: store.count }, (_, i) => store.line(i))).toEqual(expected);
      expect(store.line(store.count)).toBeUndefined();
    }),
  );
});

test("a line is a copy: the bytes that it was made of may change", () => {
  const store = new LineStore();
  const bytes = Buffer.from("abc");
  store.push({ instance: "g@s", stream: "stdout" }, 1, 0, bytes);
  bytes.fill("x");
  expect(store.line(0)?.bytes.toString()).toBe("abc");
});

test("what it costs is told", () => {
  const store = new LineStore();
  store.push({ instance: "g@s", stream: "stdout" }, 1, 0, Buffer.from("abc"));
  expect(store.cost).toBe(3 + LINE_OVERHEAD);
  store.dropOldest();
  store.dropOldest();
  expect(store.cost).toBe(0);
});
