/**
 * Writes what the code knows best: `schemas/rind.schema.json`, the JSON Schema of unit files for editors, `schemas/openrpc.json`, the OpenRPC document
 * of the control protocol, `src/unit/outline/outline.json` and `src/control/params-outline.json`, what the schemas of units and of params say in short, and the tables of the README (`test/support/reference-tables.ts`). Tests hold all of them against the code.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "..");
const bundled = join(root, "dist/reference.mjs");

await build({
  stdin: {
    contents:
      'export * from "./src/unit/json-schema.ts"; export * from "./src/unit/outline/unit-outline.ts"; export * from "./src/control/open-rpc.ts"; export * from "./src/control/params-outline.ts"; export * from "./test/support/reference-tables.ts";',
    resolveDir: root,
  },
  bundle: true,
  platform: "node",
  format: "esm",
  outfile: bundled,
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
});
const { openRpcText, paramsOutlineText, unitFileJsonSchemaText, unitOutlineText, withTables } = await import(bundled);
rmSync(bundled);
writeFileSync(join(root, "schemas/rind.schema.json"), unitFileJsonSchemaText());
writeFileSync(join(root, "schemas/openrpc.json"), openRpcText());
writeFileSync(join(root, "src/unit/outline/outline.json"), unitOutlineText());
writeFileSync(join(root, "src/control/params-outline.json"), paramsOutlineText());

const readme = join(root, "README.md");
writeFileSync(readme, withTables(readFileSync(readme, "utf8")));
