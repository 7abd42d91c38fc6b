import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface Output {
  readonly entryPoint?: string;
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
  // what main.ts loads for every command but the init that hands over its place
  const entries = ["src/cli/main.ts", "src/cli/program.ts", "src/cli/terminal.ts"];
  const files = Object.entries(meta.outputs).filter(([, { entryPoint }]) => entryPoint !== undefined && entries.includes(entryPoint));
  const loaded = files.flatMap(([file]) => loadedWith(file));
  expect(loaded).toEqual(expect.arrayContaining(entries));
  const packages = new Set(loaded.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
  expect([...packages].sort()).toEqual(["commander", "picocolors"]);
});
