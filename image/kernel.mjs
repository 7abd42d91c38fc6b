/** The kernel that the machine is booted with: Debian's one for virtual machines, which has what QEMU offers built in, or as modules. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const BOOT = "/boot";
const IMAGE = /^vmlinuz-(.*-cloud-amd64)$/;

/** `{ path, release }` of the newest one here; undefined: there is none (Debian: package linux-image-cloud-amd64). */
export function findKernel() {
  const releases = readdirSync(BOOT).flatMap((name) => IMAGE.exec(name)?.slice(1) ?? []);
  const release = releases.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).at(-1);
  return release === undefined ? undefined : { path: join(BOOT, `vmlinuz-${release}`), release };
}

/** Paths of these modules of a kernel and of all that they need, below its folder, and the lines of `modules.dep` that say so. */
export function modulesOf(folder, names) {
  const needs = new Map(
    readFileSync(join(folder, "modules.dep"), "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(/:\s*/))
      .map(([path, rest]) => [path, rest.split(" ").filter((other) => other !== "")]),
  );
  const wanted = new Set(
    names.flatMap((name) => {
      const path = [...needs.keys()].find((file) => file.endsWith(`/${name}.ko`));
      // One that is not there may be built in.
      return path === undefined ? [] : [path, ...needs.get(path)];
    }),
  );
  return { paths: [...wanted], dependencies: [...wanted].map((path) => `${path}: ${needs.get(path).join(" ")}\n`).join("") };
}
