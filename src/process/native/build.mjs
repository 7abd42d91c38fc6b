/**
 * Builds `dist/sys.node` from `sys.c` with the plain C compiler: `cc`, or what CC names.
 *
 * One that is newer than its source is left alone, any other is replaced by a rename. Without a compiler there is none: Rind then says
 * what it has to do without.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import headers from "node-api-headers";

const SOURCE = join(import.meta.dirname, "sys.c");
const TARGET = join(import.meta.dirname, "../../../dist/sys.node");

const FLAGS = ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-shared", "-fPIC", "-nostdlib", "-s"];
// No stack protector and no memset of the C library: it is linked with nothing.
const ALONE = ["-fno-stack-protector", "-fno-builtin", "-ffreestanding", "-fvisibility=hidden", "-Wl,-z,noexecstack,-z,lazy"];

export function buildNative() {
  if (timeOf(TARGET) > Math.max(timeOf(SOURCE), timeOf(fileURLToPath(import.meta.url)))) return;
  mkdirSync(dirname(TARGET), { recursive: true });
  const fresh = `${TARGET}.${process.pid}`;
  const { error, status } = spawnSync(process.env.CC ?? "cc", [...FLAGS, ...ALONE, `-I${headers.include_dir}`, "-o", fresh, SOURCE], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error === undefined && status === 0) {
    renameSync(fresh, TARGET);
    return;
  }
  rmSync(fresh, { force: true });
  // An older one may offer something else.
  rmSync(TARGET, { force: true });
  const why = error?.code === "ENOENT" ? "there is no C compiler (Debian: package gcc)" : "the C compiler failed";
  process.stderr.write(
    `dist/sys.node is not built, ${why}: Rind will do without reaping of orphans, credentials of clients and notify until it is\n`,
  );
}

/** 0: it is not there. */
function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildNative();
