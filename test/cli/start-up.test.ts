import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Output {
  readonly imports: readonly { readonly path: string; readonly kind: string }[];
  readonly inputs: Readonly<Record<string, unknown>>;
}

const meta: { outputs: Readonly<Record<string, Output>> } = JSON.parse(
  readFileSync(new URL("../../dist/meta.json", import.meta.url), "utf8"),
);

/** The sources in `file` and in what it imports at once; what is imported when it is needed is left out. */
function loadedWith(file: string, seen = new Set<string>()): string[] {
  const output = meta.outputs[file];
  if (output === undefined || seen.has(file)) return [];
  seen.add(file);
  const atOnce = output.imports.filter(({ kind }) => kind !== "dynamic-import");
  return [...Object.keys(output.inputs), ...atOnce.flatMap(({ path }) => loadedWith(path, seen))];
}

test("a command starts without the packages of the daemon", () => {
  const loaded = loadedWith("dist/rind.js");
  expect(loaded).toContain("src/cli/main.ts");
  const packages = new Set(loaded.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
  expect([...packages].sort()).toEqual(["commander", "picocolors"]);
});
