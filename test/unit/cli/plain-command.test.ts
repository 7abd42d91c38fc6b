import { describe, expect, test } from "vitest";
import { BadWordError } from "../../../src/cli/command-words.ts";
import { PlainCommand } from "../../../src/cli/plain-command.ts";

const count = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new BadWordError("write a whole number.");
  return Number(text);
};

/** What the command is called with; undefined: the words are left to commander. */
function read(words: readonly string[], forms: readonly string[] = ["<name>", "[words...]"]): unknown {
  let called: unknown;
  const command = new PlainCommand();
  for (const form of forms) command.argument(form);
  command
    .option("--json", "")
    .option("--dry-run", "")
    .option("-n, --lines <count>", "", count)
    .option("-s, --signal <signal>", "", "SIGTERM")
    .action((...values: unknown[]) => {
      called = values;
    });
  void command.read(words)?.();
  return called;
}

describe("plain words are read as commander reads them", () => {
  const given = { signal: "SIGTERM" };

  test.each([
    [["a"], ["a", [], given]],
    [
      ["a", "b", "-"],
      ["a", ["b", "-"], given],
    ],
    [
      ["--json", "a", "k=--v"],
      ["a", ["k=--v"], { ...given, json: true }],
    ],
    [
      ["a", "--dry-run"],
      ["a", [], { ...given, dryRun: true }],
    ],
    [
      ["a", "-n", "5", "--signal", "HUP"],
      ["a", [], { lines: 5, signal: "HUP" }],
    ],
    [
      ["a", "--lines", "5", "-n", "6"],
      ["a", [], { ...given, lines: 6 }],
    ],
  ])("%j", (words, expected) => {
    expect(read(words)).toEqual(expected);
  });

  test("an argument that may be missing", () => {
    expect(read([], ["[name]"])).toEqual([undefined, given]);
  });
});

test.each([
  ["a required argument is missing", []],
  ["an option is not known", ["a", "--nope"]],
  ["options are written together", ["a", "-n5"]],
  ["a value is written with =", ["a", "--lines=5"]],
  ["a value is missing", ["a", "--lines"]],
  ["a value looks like an option", ["a", "--signal", "-9"]],
  ["a value is refused", ["a", "-n", "many"]],
  ["the options are ended", ["a", "--", "b"]],
  ["help is asked for", ["a", "--help"]],
])("words are left to commander where %s", (_, words) => {
  expect(read(words)).toBeUndefined();
});

test("words are left to commander where there are too many", () => {
  expect(read(["a", "b"], ["<name>"])).toBeUndefined();
});
