import { chmodSync, copyFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundle } from "./bundle.ts";
import { tempFolder } from "./temp-folder.ts";

const SYS = resolve(import.meta.dirname, "../../dist/sys.node");

/** A program of `test/support/programs` with the native part beside it, in a folder that everybody may enter. */
export async function nativeProgram(name: string): Promise<{ readonly folder: string; readonly program: string }> {
  const folder = tempFolder();
  chmodSync(folder, 0o755);
  const program = await bundle(resolve(import.meta.dirname, "programs", name), folder);
  copyFileSync(SYS, join(folder, "sys.node"));
  return { folder, program };
}
