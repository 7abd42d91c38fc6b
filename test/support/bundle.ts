import { join } from "node:path";
import { build } from "esbuild";

/** Makes one file that node can run of a program in TypeScript; returns its path. */
export async function bundle(entry: string, folder: string): Promise<string> {
  const outfile = join(folder, "program.mjs");
  await build({ entryPoints: [entry], outfile, bundle: true, platform: "node", target: "node20", format: "esm", logLevel: "warning" });
  return outfile;
}
