import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const BUILD = resolve(import.meta.dirname, "../../esbuild.config.mjs");

/** Once before the tests that start the built program. */
export function setup(): void {
  execFileSync(process.execPath, [BUILD], { stdio: "inherit" });
}
