import { Ajv } from "ajv";
import fc from "fast-check";
import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";
import { unitFileJsonSchema } from "../../../src/unit/json-schema.ts";
import { indexPositions } from "../../../src/unit/locate.ts";
import { normalise } from "../../../src/unit/normalise.ts";
import type { Problem } from "../../../src/unit/problem.ts";
import { reportInto } from "../../../src/unit/problem.ts";
import { unitFile } from "../../../src/unit/schema/unit-file.ts";
import { isTomlTable } from "../../../src/unit/toml-table.ts";
import { parse } from "../../support/units/load.ts";
import { KEYS, unitText, VALUES, zinitText } from "../../support/units/random.ts";

const RUNS = Number(process.env["RIND_RUNS"] ?? 400);

test("no text makes the loader throw, and each mistake has a place in its file", async () => {
  const text = fc.oneof(
    unitText,
    zinitText,
    fc.string({ unit: "binary" }),
    fc.array(fc.constantFrom(...KEYS, ...VALUES, "=", "\n", "[", "]", "{", "}", ".", '"""'), { maxLength: 40 }).map((all) => all.join(" ")),
  );
  await fc.assert(
    fc.asyncProperty(text, async (toml) => {
      const { units, diagnostics } = await parse(toml);
      const lines = toml.split("\n");
      for (const { file, line, column, message } of diagnostics) {
        expect(file).toBe("g.toml");
        expect(message).not.toMatch(/undefined|\[object|Invalid/);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeLessThanOrEqual((lines[line - 1] ?? "").length + 2);
      }
      expect(units === undefined).toBe(diagnostics.some(({ severity }) => severity === "error"));
    }),
    { numRuns: RUNS },
  );
});

test("with leaveOut there is a unit set whatever the text, and what is left out has errors", async () => {
  const files = fc.record({
    "g.toml": fc.oneof(unitText, zinitText, fc.string({ unit: "binary" })),
    "h.toml": unitText,
    "h.d/1.toml": unitText,
  });
  await fc.assert(
    fc.asyncProperty(files, async (texts) => {
      const { units, program, leftOut, diagnostics } = await parse(texts, { leaveOut: true });
      const strict = await parse(texts);
      expect(units).toBeDefined();
      expect(program).toBeDefined();
      expect(diagnostics).toEqual(strict.diagnostics);
      const isBad = diagnostics.some(({ severity }) => severity === "error");
      expect(leftOut.length > 0).toBe(isBad);
      if (!isBad) expect(units).toEqual(strict.units);
      for (const { item, file, message } of leftOut) {
        expect(Object.keys(texts)).toContain(file);
        expect(message).not.toBe("");
        const facts = [...(units?.states ?? []), ...(units?.signals ?? [])];
        if (facts.every(({ name }) => name !== item)) expect(units?.services.map(({ name }) => name)).not.toContain(item);
      }
    }),
    { numRuns: RUNS / 4 },
  );
});

test("whatever a file says, the JSON Schema and the loader's schema agree on it", () => {
  const validate = new Ajv({ strict: false }).compile(unitFileJsonSchema());
  const seen = { good: 0, bad: 0 };
  fc.assert(
    fc.property(unitText, (toml) => {
      const root = tablesOf(toml);
      if (root === undefined || /nan|inf|1979|__proto__/.test(toml)) return;
      const problems: Problem[] = [];
      const isGood = validate(JSON.parse(JSON.stringify(root)));
      normalise(root, reportInto(problems, []));
      const accepted = unitFile.safeParse(root).success && problems.length === 0;
      seen[accepted ? "good" : "bad"] += 1;
      expect(isGood).toBe(accepted);
    }),
    { numRuns: RUNS * 3 },
  );
  expect(Math.min(seen.good, seen.bad)).toBeGreaterThan(RUNS / 40);
});

test("the two TOML parsers agree on where every value is", () => {
  fc.assert(
    fc.property(unitText, (toml) => {
      const root = tablesOf(toml);
      if (root === undefined) return;
      const locate = indexPositions(toml);
      for (const path of pathsOf(root, [])) expect({ path, ...locate(path, false) }).toMatchObject({ depth: path.length });
    }),
    { numRuns: RUNS },
  );
});

function tablesOf(toml: string) {
  try {
    const root: unknown = parseToml(toml);
    return isTomlTable(root) ? root : undefined;
  } catch {
    return undefined;
  }
}

function pathsOf(node: unknown, path: readonly (string | number)[]): (readonly (string | number)[])[] {
  const children = Array.isArray(node) ? [...node.entries()] : isTomlTable(node) ? Object.entries(node) : [];
  return [path, ...children.flatMap(([key, child]) => pathsOf(child, [...path, key]))];
}
