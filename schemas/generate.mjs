/** Writes `schemas/rind.schema.json`: the JSON Schema of unit files, out of the schema that the loader uses. */
import { writeFileSync } from "node:fs";
import { build } from "esbuild";

const { outputFiles } = await build({
  stdin: { contents: 'export * from "./src/unit/json-schema.ts"', resolveDir: process.cwd() },
  bundle: true,
  platform: "node",
  format: "esm",
  write: false,
});
const [{ text }] = outputFiles;
const { unitFileJsonSchemaText } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
writeFileSync(new URL("rind.schema.json", import.meta.url), unitFileJsonSchemaText());
