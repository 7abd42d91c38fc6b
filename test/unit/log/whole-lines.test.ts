import fc from "fast-check";
import { expect, test } from "vitest";
import { eachLine, MAX_LINE_BYTES, WholeLines } from "../../../src/log/whole-lines.ts";

/** What is handed on for these chunks, and how often. */
function cut(chunks: readonly Buffer[], newlines?: (bytes: Buffer) => number) {
  const lines: Buffer[] = [];
  let calls = 0;
  const whole = new WholeLines((some, count) => {
    calls += 1;
    eachLine(some, count, (line) => lines.push(Buffer.from(line)));
  }, newlines);
  for (const chunk of chunks) whole.push(chunk);
  whole.end();
  return { lines, calls };
}

const bytes = (text: string): Buffer => Buffer.from(text);

test("lines that came at once go on at once", () => {
  expect(cut([bytes("one\ntwo\n\nthree\n")])).toEqual({ lines: ["one", "two", "", "three"].map(bytes), calls: 1 });
});

test("a line in several pieces goes on by itself, those after it together", () => {
  expect(cut([bytes("o"), bytes("ne\ntwo\nthree\nfo"), bytes("ur")])).toEqual({
    lines: ["one", "two", "three", "four"].map(bytes),
    calls: 3,
  });
});

test("a count is asked for once for what came at once, however many lines there are", () => {
  let asked = 0;
  const { lines } = cut([Buffer.alloc(MAX_LINE_BYTES, "x\n")], (some) => {
    asked += 1;
    return some.filter((byte) => byte === 0x0a).length;
  });
  expect({ asked, lines: lines.length }).toEqual({ asked: 1, lines: MAX_LINE_BYTES / 2 });
});

test("whatever the chunks, lines are those that a text splits into, and long ones are cut before a character that has no room", () => {
  const part = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("a", "\n", "é", "€", "😀", "some words\n") },
    { weight: 1, arbitrary: fc.integer({ min: MAX_LINE_BYTES - 4, max: MAX_LINE_BYTES + 4 }).map((size) => "x".repeat(size)) },
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 10 }), (parts, sizes) => {
      const all = bytes(parts.join(""));
      const chunks: Buffer[] = [];
      let start = 0;
      for (const size of sizes) chunks.push(all.subarray(start, (start += size)));
      chunks.push(all.subarray(start));
      expect(cut(chunks).lines.map(String)).toEqual(linesOf(parts.join("")));
    }),
    { numRuns: 60 },
  );
});

/** The same, by way of characters. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.flatMap((line) => {
    const pieces: string[] = [];
    let piece = "";
    let size = 0;
    for (const character of line) {
      const length = Buffer.byteLength(character);
      if (size + length > MAX_LINE_BYTES) {
        pieces.push(piece);
        piece = "";
        size = 0;
      }
      piece += character;
      size += length;
    }
    return [...pieces, piece];
  });
}
