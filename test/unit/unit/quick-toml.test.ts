import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parse } from "smol-toml";
import { expect, test } from "vitest";
import { quickToml } from "../../../src/unit/quick-toml.ts";
import { itemText, KEYS, unitText, VALUES } from "../../support/units/random.ts";

const RUNS = Number(process.env["RIND_RUNS"] ?? 400);

/** Where the quick reader takes a text, smol-toml takes it too and reads the same. True: it took it. */
function agrees(toml: string): boolean {
  const quick = quickToml(toml);
  if (quick !== undefined) expect(quick).toEqual(parse(toml));
  return quick !== undefined;
}

const PIECES = [
  ...KEYS,
  ...VALUES,
  "[a]",
  "[[a]]",
  "[a.b]",
  "[[a.b]]",
  "[a.b.c]",
  "[ a . b ]",
  "a = 1",
  "a.b = 1",
  "a.b.c = 1",
  "a = { b = 1 }",
  "a = { b.c = 1, b.d = 2 }",
  "a = { b = 1, }",
  "a = [1, # x\n 2,\n]",
  "a = [,]",
  '"a" = 1',
  "a = 'x'",
  "a = '''x'''",
  'a = """x"""',
  'a = ""',
  'a = "\\" \\\\"',
  'a = "\\\\"',
  'a = "\\u00e9"',
  'a = "\\/"',
  'a = "\\e"',
  'a = "\t"',
  'a = "\\t\t"',
  "a = 01",
  "a = -0",
  "a = -1.5",
  "a = 1.",
  "a = 1e5",
  "a = 1_000",
  "a = 12345678901234567890",
  "a = 0x1f",
  "a = 10:00:00",
  "a = 1979-05-27",
  "a = truex",
  "a = true false",
  "constructor = 1",
  "toString.a = 1",
  "\r\n",
  "\u00e9",
  "\u007f",
  "# x\u0000",
  "# x",
  "\t",
  "=",
  "\n",
  "\n",
  "\n",
  ".",
  ",",
  "{",
  "}",
  '"',
  "'",
];

test("whatever a text says, the quick reader reads it as smol-toml does or leaves it to that", () => {
  const seen = { quick: 0, left: 0 };
  const text = fc.oneof(
    unitText,
    itemText,
    fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((all) => all.join(" ")),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((all) => all.join("\n")),
    fc.string({ unit: "binary", maxLength: 20 }),
  );
  fc.assert(
    fc.property(text, (toml) => {
      seen[agrees(toml) ? "quick" : "left"] += 1;
    }),
    { numRuns: RUNS * 10 },
  );
  expect(Math.min(seen.quick, seen.left)).toBeGreaterThan(RUNS);
});

test.each(PIECES)("%j alone is read as smol-toml does", (piece) => {
  agrees(piece);
  agrees(`[[x]]\n${piece}\n[y]\n`);
});

test("the quick reader takes the unit files that are shown", () => {
  const root = join(import.meta.dirname, "../../../flows");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".toml"));
  const taken = files.filter((path) => agrees(readFileSync(join(root, path), "utf8")));
  expect(files.length).toBeGreaterThan(5);
  expect(taken.length / files.length).toBeGreaterThan(0.8);
});
