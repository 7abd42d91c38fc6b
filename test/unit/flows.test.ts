import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { loadUnits } from "../../src/unit/load.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FLOWS = join(ROOT, "flows");

const files = readdirSync(FLOWS, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".toml"))
  .map((path) => join(FLOWS, path));

/** Those in zinit's format are none of Rind's own: its schema knows nothing of them. */
const native = files.filter((file) => !/^\[service\]$/m.test(readFileSync(file, "utf8")));

test.each(native)("%s tells editors where its schema is", (file) => {
  const [, schema = ""] = /^#:schema (\S+)\n/.exec(readFileSync(file, "utf8")) ?? [];
  expect(resolve(dirname(file), schema)).toBe(join(ROOT, "schemas/rind.schema.json"));
});

test.each([...new Set(files.map((file) => dirname(file)))])("the units of %s have neither errors nor warnings", async (folder) => {
  const { units, diagnostics } = await loadUnits({ path: [folder], strict: true, env: {}, cwd: ROOT });
  expect(diagnostics).toEqual([]);
  expect(units?.services.length).toBeGreaterThan(0);
});
