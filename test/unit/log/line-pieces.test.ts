import fc from "fast-check";
import { expect, test } from "vitest";
import { copyLines, LinePieces, type Piece, PIECE_OVERHEAD } from "../../../src/log/line-pieces.ts";

const piece = (seq: number, lines: readonly Buffer[]): Piece => ({
  tag: seq % 3,
  seq,
  time: 1_000 + seq,
  count: lines.length,
  lines: Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line] : [Buffer.from("\n"), line]))),
});

/** Every line, with what is told of it. */
function linesOf(pieces: LinePieces): object[] {
  return [...pieces].flatMap((one) => {
    const lines: object[] = [];
    copyLines(one, 0, one.count, (seq, bytes) => lines.push({ seq, tag: one.tag, time: one.time, bytes }));
    return lines;
  });
}

test("lines come out as they went in, however the memory went round and wherever it is cut", () => {
  const line = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 0x0a)));
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.array(line, { minLength: 1, maxLength: 8 }) },
    { weight: 1, arbitrary: fc.nat(20) },
    { weight: 1, arbitrary: fc.constant("first" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.constantFrom(0, 500, 5_000), (steps, usual) => {
      const pieces = new LinePieces(usual);
      const expected: object[] = [];
      let seq = 1;
      for (const now of steps) {
        if (now === "first") {
          expected.splice(0, pieces.firstCount());
          pieces.dropFirst();
        } else if (typeof now === "number") {
          pieces.dropLines(now);
          expected.splice(0, now);
        } else {
          const made = piece(seq, now);
          pieces.push(made);
          expected.push(...now.map((bytes, i) => ({ seq: seq + i, tag: made.tag, time: made.time, bytes })));
          seq += now.length;
        }
        expect(pieces.count).toBe(expected.length);
      }
      expect(linesOf(pieces)).toEqual(expected);
      expect(pieces.cost).toBe([...pieces].reduce((sum, { lines }) => sum + PIECE_OVERHEAD + lines.length, 0));
    }),
  );
});

test("memory that is used round and round is not made anew", () => {
  const pieces = new LinePieces(1_024 * 1_024);
  const made = piece(1, [Buffer.alloc(60_000, "x")]);
  const memory = new Set<ArrayBufferLike>();
  for (let i = 0; i < 1_000; i++) {
    while (pieces.cost > 900_000) pieces.dropFirst();
    pieces.push(made);
    memory.add(pieces.first()?.lines.buffer ?? new ArrayBuffer(0));
  }
  expect(memory.size).toBeLessThan(10);
  expect(Math.max(...[...memory].map(({ byteLength }) => byteLength))).toBeLessThan(1.2 * 1_024 * 1_024);
});

test("some lines of a piece are copied: the bytes that they were made of may change", () => {
  const made = piece(
    5,
    ["a", "b", "", "d"].map((text) => Buffer.from(text)),
  );
  const taken: string[] = [];
  copyLines(made, 1, 2, (seq, line) => {
    made.lines.fill("x");
    taken.push(`${seq} ${String(line)}`);
  });
  expect(taken).toEqual(["6 b", "7 "]);
});
