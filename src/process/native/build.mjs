/**
 * Builds what is written in C with the plain C compiler (`cc`, or what CC names): `dist/sys.node`, the native part, and `dist/rind-init`, the
 * small program that is PID 1 under `rind init`.
 *
 * One that is newer than what it is made of is left alone, any other is replaced by a rename. Without a compiler there is none: Rind then
 * says what it has to do without.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import nodeApi from "node-api-headers";

const DIST = join(import.meta.dirname, "../../../dist");

// Neither is linked with a C library, so there is no stack protector and no memset of one.
const ALONE = ["-std=gnu11", "-Wall", "-Wextra", "-nostdlib", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-s"];

// What gcc calls for atomic operations there is in a library that comes with the compiler.
const ATOMICS = process.arch === "arm64" ? ["-mno-outline-atomics"] : [];

const PARTS = [
  {
    name: "sys.node",
    sources: ["sys.c", "machine.c", "disks.c", "launcher.c", "start.c", "spawn.c", "output.c", "listener.c", "crc32.c"],
    headers: ["sys.h", "call.h", "launcher.h", "listener.h"],
    flags: ["-O2", ...ATOMICS, "-shared", "-fPIC", "-fvisibility=hidden", "-Wl,-z,noexecstack,-z,lazy", `-I${nodeApi.include_dir}`],
    without: "Rind will do without reaping of orphans, credentials of clients, notify and other users until it is",
  },
  {
    name: "rind-init",
    sources: ["rind-init.c"],
    headers: ["call.h"],
    // -O1: from -O2 on gcc makes calls of memset and memcpy out of loops.
    flags: ["-O1", "-static", "-fno-pie", "-no-pie", "-fno-asynchronous-unwind-tables", "-Wl,-z,noexecstack,--build-id=none"],
    without: "rind init will refuse to be PID 1 until it is",
  },
];

export function buildNative() {
  for (const part of PARTS) buildPart(part);
}

function buildPart({ name, sources, headers, flags, without }) {
  const target = join(DIST, name);
  const inFolder = (file) => join(import.meta.dirname, file);
  const madeOf = [...sources, ...headers, "build.mjs"].map(inFolder);
  if (timeOf(target) > Math.max(...madeOf.map(timeOf))) return;
  mkdirSync(DIST, { recursive: true });
  const fresh = `${target}.${process.pid}`;
  const { error, status } = spawnSync(process.env.CC ?? "cc", [...ALONE, ...flags, "-o", fresh, ...sources.map(inFolder)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error === undefined && status === 0) {
    renameSync(fresh, target);
    return;
  }
  rmSync(fresh, { force: true });
  // An older one may offer something else.
  rmSync(target, { force: true });
  const why = error?.code === "ENOENT" ? "there is no C compiler (Debian: package gcc)" : "the C compiler failed";
  process.stderr.write(`dist/${name} is not built, ${why}: ${without}\n`);
}

/** 0: it is not there. */
function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildNative();
