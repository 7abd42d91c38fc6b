import { expect, test } from "vitest";
import { decode, encodeGroup, HEADER, writeLine } from "../../../src/persist/format.ts";

const group = (...keys: readonly string[]): Buffer => encodeGroup(keys.map((key) => writeLine({ key, value: key.length })).join(""));
const read = (...parts: readonly (Buffer | string)[]) => {
  const { writes, end, damage } = decode(Buffer.concat(parts.map((part) => Buffer.from(part))));
  return { keys: writes.map(({ key }) => key), end, damage };
};

test("a file is text: a first line, then groups of lines after their length and checksum", () => {
  const lines = writeLine({ key: "state net@up", value: { id: 1 } }) + writeLine({ key: "gone", value: undefined });
  expect(Buffer.concat([HEADER, encodeGroup(lines)]).toString()).toBe(
    'rind-journal 1\n00000023 121b141a\n["state net@up",{"id":1}]\n["gone"]\n',
  );
});

test("groups are read in order", () => {
  const file = [HEADER, group("a", "b"), group("c")];
  expect(read(...file)).toEqual({ keys: ["a", "b", "c"], end: Buffer.concat(file).length, damage: "none" });
});

test("any text survives: line ends, lone surrogates, names of prototypes", () => {
  const value = { __proto__: null, text: "a\nb\u2028\ud800\0", list: [1, null, true] };
  const [write] = decode(Buffer.concat([HEADER, encodeGroup(writeLine({ key: "a\nb", value }))])).writes;
  expect(write).toMatchObject({ key: "a\nb", value: { text: "a\nb\u2028\ud800\0", list: [1, null, true] } });
});

test("a last group that is damaged is a damaged tail", () => {
  const torn = group("b").subarray(0, -1);
  const end = HEADER.length + group("a").length;
  expect(read(HEADER, group("a"), torn)).toEqual({ keys: ["a"], end, damage: "tail" });
  expect(read(HEADER, group("a"), torn, "\0\0\0\0")).toEqual({ keys: ["a"], end, damage: "tail" });
  expect(read(HEADER.subarray(0, 3))).toEqual({ keys: [], end: 0, damage: "tail" });
});

test("zeros after the last group are room for the next, and no damage", () => {
  const end = HEADER.length + group("a").length;
  expect(read(HEADER, group("a"), "\0\0\0\0")).toEqual({ keys: ["a"], end, damage: "none" });
  expect(read(HEADER, group("a"), "\0\0\0\0", group("b"))).toEqual({ keys: ["a"], end, damage: "middle" });
  // the power failed while the file was being created
  expect(read(HEADER.subarray(0, 3), "\0\0\0\0")).toEqual({ keys: [], end: 0, damage: "tail" });
  expect(read("\0\0\0\0")).toEqual({ keys: [], end: 0, damage: "tail" });
});

test("damage before a whole group, or in the first line, is damage in the middle", () => {
  const end = HEADER.length + group("a").length;
  for (let at = 0; at < group("b").length; at++) {
    const flipped = group("b");
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    expect(read(HEADER, group("a"), flipped, group("c"))).toEqual({ keys: ["a"], end, damage: "middle" });
  }
  expect(read("rind-journal 2\n", group("a"))).toEqual({ keys: [], end: 0, damage: "middle" });
});

test("an empty file is an empty journal", () => {
  expect(read()).toEqual({ keys: [], end: 0, damage: "none" });
});
