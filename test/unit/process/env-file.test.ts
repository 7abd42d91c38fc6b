import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { UnitError } from "../../../src/errors/unit-error.ts";
import { parseEnvFile, readEnvFile } from "../../../src/process/env-file.ts";
import { tempFolder } from "../../support/temp-folder.ts";

const parse = (...lines: readonly string[]) => parseEnvFile(lines.join("\n"), "app.env");

function mistakes(...lines: readonly string[]): readonly string[] {
  try {
    parse(...lines);
  } catch (error) {
    if (error instanceof UnitError) return error.message.split("\n");
    throw error;
  }
  return [];
}

test("lines set variables, later ones win; comments and empty lines set none", () => {
  expect(parse("# about", "", "A=1", "  B = two words  ", "export C=3", "A=4")).toEqual({ A: "4", B: "two words", C: "3" });
});

test("a bare value ends before a comment and keeps every other sign", () => {
  expect(parse("URL=postgres://u:p#x@h/db?a=b # the database", "EMPTY=", "NONE= # nothing", "D=$HOME 'x' \"y\" \\n")).toEqual({
    URL: "postgres://u:p#x@h/db?a=b",
    EMPTY: "",
    NONE: "",
    D: "$HOME 'x' \"y\" \\n",
  });
});

test("single quotes keep all, double quotes know escapes, both go over lines", () => {
  expect(parse("A='a\\n # \"b\"' # end", 'B="x\\ty\\"\\\\\\$z # no"', 'KEY="one', "two=2", 'three"', "C=after")).toEqual({
    A: 'a\\n # "b"',
    B: 'x\ty"\\$z # no',
    KEY: "one\ntwo=2\nthree",
    C: "after",
  });
});

test("line ends and the mark of files from Windows are no part of a value", () => {
  expect(parseEnvFile("\uFEFFA=1\r\nB='x'\r\n", "app.env")).toEqual({ A: "1", B: "x" });
});

test("a name such as __proto__ is a name", () => {
  expect(Object.entries(parse("__proto__=1"))).toEqual([["__proto__", "1"]]);
});

test("every mistake is told with file and line, and nothing of what the line says: everybody may read why a service has failed", () => {
  expect(mistakes("A=1", "just text", "1B=2", "C='x' y", "D=a\0b", 'E="open', "F=1")).toEqual([
    "app.env:2:1: this line sets no variable (write NAME=value)",
    "app.env:3:1: this line sets no variable (write NAME=value)",
    "app.env:4:1: there is text after the closing quote of C (quote the whole value)",
    "app.env:5:1: the value of D holds a NUL byte (leave it out)",
    'app.env:6:1: the quote of E is never closed (close it with ")',
  ]);
});

test("a file that is not there is told by its path", () => {
  const folder = tempFolder();
  expect(() => readEnvFile(join(folder, "none.env"))).toThrow(`env-file ${folder}/none.env does not exist`);
  expect(() => readEnvFile(folder)).toThrow(`env-file ${folder} cannot be read (EISDIR)`);
  writeFileSync(join(folder, "a.env"), "A=1\n");
  expect(readEnvFile(join(folder, "a.env"))).toEqual({ A: "1" });
});
