/**
 * Builds `dist/sys.node` from `sys.c` with the plain C compiler: `cc`, or what CC names.
 *
 * One that is newer than its source is left alone, any other is replaced by a rename. Without a compiler there is no file: Rind then
 * says what it has to do without.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = join(import.meta.dirname, "sys.c");
const TARGET = join(import.meta.dirname, "../../../dist/sys.node");

const FLAGS = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-nostdlib", "-s"];
// No stack protector and no memset of the C library: it is linked with nothing.
const ALONE = ["-fno-stack-protector", "-fno-builtin", "-ffreestanding", "-fvisibility=hidden", "-Wl,-z,noexecstack,-z,lazy"];

export function buildNative() {
  if (timeOf(TARGET) > Math.max(timeOf(SOURCE), timeOf(fileURLToPath(import.meta.url)))) return;
  mkdirSync(dirname(TARGET), { recursive: true });
  const headers = join(dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json")), "include");
  const fresh = `${TARGET}.${process.pid}`;
  const { error, status } = spawnSync(process.env.CC ?? "cc", [...FLAGS, ...ALONE, `-I${headers}`, "-o", fresh, SOURCE], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error === undefined && status === 0) {
    renameSync(fresh, TARGET);
    return;
  }
  rmSync(fresh, { force: true });
  const why = error?.code === "ENOENT" ? "there is no C compiler (Debian: package gcc)" : "the C compiler failed";
  console.error(
    `dist/sys.node is not built, ${why}: Rind will run without reaping of orphans, credentials of clients and notify; build again once there is one`,
  );
}

/** 0: it is not there. */
function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildNative();
