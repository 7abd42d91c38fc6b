import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteQueue } from "../../../src/log/byte-queue.ts";

test("bytes leave in the order in which they came, each once", () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 200_000 }) }),
    fc.record({ take: fc.integer({ min: 1, max: 300_000 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const queue = new ByteQueue();
      let next = 0;
      let seen = 0;
      for (const now of steps) {
        if ("push" in now) {
          queue.push(Buffer.from(Array.from({ length: now.push }, (_, i) => (next + i) % 251)));
          next += now.push;
        } else {
          const taken = Buffer.concat(queue.peek(now.take));
          expect(taken.length).toBe(Math.min(now.take, next - seen));
          expect(taken.every((byte, i) => byte === (seen + i) % 251)).toBe(true);
          queue.drop(taken.length);
          seen += taken.length;
        }
        expect(queue.size).toBe(next - seen);
      }
    }),
    { numRuns: 30 },
  );
});

test("what is being written stays as it is while more comes", () => {
  const queue = new ByteQueue();
  queue.push(Buffer.from("abc"));
  const [piece] = queue.peek(10);
  queue.push(Buffer.from("def"));
  expect(String(piece)).toBe("abc");
  queue.drop(3);
  expect(String(Buffer.concat(queue.peek(10)))).toBe("def");
});

test("the end of a line is found at or after a byte, also in a later piece", () => {
  const queue = new ByteQueue();
  queue.push(Buffer.from("ab\ncd"));
  queue.push(Buffer.concat([Buffer.alloc(70_000, "x"), Buffer.from("\nz")]));
  expect([1, 3, 4].map((from) => queue.lineEnd(from))).toEqual([3, 3, 70_006]);
  expect(queue.lineEnd(70_007)).toBeUndefined();
});
