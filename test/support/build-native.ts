import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

const BUILD = resolve(import.meta.dirname, "../../src/process/native/build.mjs");

/** Once before the tests that load the native part. */
export function setup(): void {
  execFileSync(process.execPath, [BUILD], { stdio: "inherit" });
}
