import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";
import type * as z from "zod";
import { ODD } from "../../../src/lib/outline-reader.ts";
import { normalise } from "../../../src/unit/normalise.ts";
import { readByOutline } from "../../../src/unit/outline/read.ts";
import { unitOutlineText } from "../../../src/unit/outline/unit-outline.ts";
import { reportInto } from "../../../src/unit/problem.ts";
import { run } from "../../../src/unit/schema/run.ts";
import { settings } from "../../../src/unit/schema/settings.ts";
import { SECTION_SCHEMAS } from "../../../src/unit/schema/unit-file.ts";
import { isTomlTable } from "../../../src/unit/toml-table.ts";
import { itemText, unitText } from "../../support/units/random.ts";

const RUNS = Number(process.env["RIND_RUNS"] ?? 400);
const SCHEMAS: Readonly<Record<string, z.ZodType>> = { ...SECTION_SCHEMAS, settings, run };

test("the outline that is kept is the one that the schemas make", () => {
  expect(readFileSync(new URL("../../../src/unit/outline/outline.json", import.meta.url), "utf8")).toBe(unitOutlineText());
});

test("whatever a table says, the outline takes it exactly where the schema does, and makes the same of it", () => {
  const seen = { good: 0, bad: 0 };
  const agree = (root: string, value: unknown): void => {
    const parsed = SCHEMAS[root]?.safeParse(structuredClone(value));
    const read = readByOutline(root, value);
    seen[read === ODD ? "bad" : "good"] += 1;
    if (parsed?.success === true) expect(read).toEqual(parsed.data);
    else expect(read).toBe(ODD);
  };
  fc.assert(
    fc.property(fc.oneof(unitText, itemText), (toml) => {
      for (const [root, tables] of Object.entries(tablesOf(toml))) for (const table of [tables].flat()) agree(root, table);
    }),
    { numRuns: RUNS * 5 },
  );
  expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(RUNS / 10);
});

test.each([
  ["service", { name: "x", run: { exec: "x", env: JSON.parse('{"__proto__": "x"}') } }],
  ["service", JSON.parse('{"name": "x", "__proto__": "x"}')],
  ["service", { name: "x", constructor: "x" }],
  ["service", { name: "x", status: "constructor" }],
])("%s: what objects have of themselves is left to the schema", (root, table) => {
  expect(readByOutline(root, table)).toBe(ODD);
});

function tablesOf(toml: string): Readonly<Record<string, unknown>> {
  try {
    const root: unknown = parseToml(toml);
    if (!isTomlTable(root)) return {};
    normalise(root, reportInto([], []));
    return Object.fromEntries(Object.entries(root).filter(([key]) => Object.hasOwn(SCHEMAS, key)));
  } catch {
    return {};
  }
}
