import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { lackOfMachine } from "../boot/lack-of-machine.ts";

const BUILDS = ["../../esbuild.config.mjs", ...(lackOfMachine() === undefined ? ["../../image/initramfs.mjs"] : [])];

/** Once before the tests that boot: the program, and, where it can be booted, the image. */
export function setup(): void {
  for (const path of BUILDS)
    execFileSync(process.execPath, [resolve(import.meta.dirname, path)], { stdio: ["ignore", "ignore", "inherit"] });
}
