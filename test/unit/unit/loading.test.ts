import { build } from "esbuild";
import { expect, test } from "vitest";

/** What is loaded with a module before anything is asked of it. */
async function loadedWith(entry: string): Promise<readonly string[]> {
  const options = { bundle: true, splitting: true, write: false, metafile: true, platform: "node", format: "esm" } as const;
  const { outputs } = (await build({ ...options, entryPoints: [entry], outdir: "out", logLevel: "silent" })).metafile;
  const open = Object.keys(outputs).filter((path) => outputs[path]?.entryPoint === entry);
  const inputs = new Set<string>();
  for (const path of open) {
    for (const input of Object.keys(outputs[path]?.inputs ?? {})) inputs.add(input);
    for (const { path: next, kind } of outputs[path]?.imports ?? [])
      if (kind === "import-statement" && next in outputs && !open.includes(next)) open.push(next);
  }
  return [...inputs];
}

test("units that are right are loaded without zod, its schemas, or the parser that knows positions", async () => {
  const inputs = await loadedWith("src/unit/load.ts");
  expect(inputs).toContain("src/unit/check-items.ts");
  expect(inputs.filter((path) => /node_modules\/(zod|toml-eslint-parser)\/|schema\/service\.ts$/.test(path))).toEqual([]);
});
