import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

/** What keeps the image from being built and booted here; undefined: nothing. */
export function lackOfMachine(): string | undefined {
  const printed = execFileSync(process.execPath, [resolve(import.meta.dirname, "../../image/lacking.mjs")], { encoding: "utf8" });
  const packages = printed.split("\n").filter((name) => name !== "");
  return packages.length === 0 ? undefined : `not installed: ${packages.join(", ")}`;
}
