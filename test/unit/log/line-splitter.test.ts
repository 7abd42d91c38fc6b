import fc from "fast-check";
import { expect, test } from "vitest";
import { LineSplitter } from "../../../src/log/line-splitter.ts";
import { MAX_LINE_BYTES } from "../../../src/log/whole-lines.ts";

function split(...chunks: readonly (string | Buffer)[]): Buffer[] {
  const lines: Buffer[] = [];
  const splitter = new LineSplitter((line) => lines.push(Buffer.from(line)));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return lines;
}

const texts = (lines: readonly Buffer[]): string[] => lines.map(String);

test("lines come without their newline, empty ones too", () => {
  expect(texts(split("one\n\ntwo\n"))).toEqual(["one", "", "two"]);
});

test("a line in several pieces is one line", () => {
  expect(texts(split("o", "n", "e\ntw", "o\n"))).toEqual(["one", "two"]);
});

test("what comes after the last newline is a line at the end of the stream", () => {
  expect(texts(split("one\ntwo"))).toEqual(["one", "two"]);
});

test("a carriage return stays, as it was printed", () => {
  expect(texts(split("50%\r100%\r\n"))).toEqual(["50%\r100%\r"]);
});

test("bytes that are no UTF-8 survive", () => {
  expect(split(Buffer.from([0xff, 0xfe, 0x00, 0x0a, 0x80]))).toEqual([Buffer.from([0xff, 0xfe, 0x00]), Buffer.from([0x80])]);
});

test("a line of the greatest length is whole, a longer one is cut into pieces", () => {
  const longest = "x".repeat(MAX_LINE_BYTES);
  expect(texts(split(`${longest}\n`))).toEqual([longest]);
  expect(texts(split(`${longest}yy\nz\n`))).toEqual([longest, "yy", "z"]);
});

test("a program that never ends its line gets pieces before it ends", () => {
  const lines: Buffer[] = [];
  const splitter = new LineSplitter((line) => lines.push(Buffer.from(line)));
  for (let i = 0; i <= MAX_LINE_BYTES; i++) splitter.push(Buffer.from("."));
  expect(lines.map(({ length }) => length)).toEqual([MAX_LINE_BYTES]);
});

test("a cut does not tear a character", () => {
  const [first, second] = split(`${"x".repeat(MAX_LINE_BYTES - 2)}€uro\n`);
  expect(first?.length).toBe(MAX_LINE_BYTES - 2);
  expect(String(second)).toBe("€uro");
});

test("however the bytes are cut into chunks, the lines are the same", () => {
  const bytes = fc.array(fc.constantFrom(0x0a, 0x61, 0xc3, 0xa9), { maxLength: 60 }).map((list) => Buffer.from(list));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(8), { maxLength: 60 }), (all, sizes) => {
      const chunks: Buffer[] = [];
      let rest = all;
      for (const size of sizes) {
        chunks.push(rest.subarray(0, size));
        rest = rest.subarray(size);
      }
      expect(split(...chunks, rest)).toEqual(split(all));
    }),
  );
});
