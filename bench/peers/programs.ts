import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { killStartedFor } from "./processes.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The programs of `bench/peers/programs`, built for this run, and the folder that everything of it lies in. */
export interface Programs {
  readonly folder: string;
  /** Where the two lie that are run as services. */
  readonly services: string;
  readonly service: string;
  readonly flood: string;
  readonly stopwatch: string;
  /** Node: this one, or a copy that no other process shares memory with. */
  readonly node: string;
}

/** Runs `use` with the programs and takes all away again. Throws where there is no C compiler with a static libc. */
export async function withPrograms(use: (programs: Programs) => Promise<void>, { ownNode = false } = {}): Promise<void> {
  // Short, as what lies in it stands in `#!` lines and in the addresses of sockets.
  const folder = mkdtempSync(join(tmpdir(), "rb-"));
  const interrupted = (): void => {
    while (killStartedFor(folder)) continue;
    rmSync(folder, { recursive: true, force: true });
    process.exit(1);
  };
  for (const signal of SIGNALS) process.once(signal, interrupted);
  try {
    const services = join(folder, "bin");
    mkdirSync(services);
    const node = ownNode ? join(folder, "node") : process.execPath;
    if (ownNode) copyFileSync(process.execPath, node);
    const [service, flood, stopwatch] = [compile("service", services), compile("flood", services), compile("stopwatch", folder)];
    await use({ folder, services, service, flood, stopwatch, node });
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, interrupted);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Static, so that the dynamic linker, which costs more than many a supervisor, is in no figure. */
function compile(name: string, into: string): string {
  const path = join(into, name);
  const words = ["-O2", "-static", "-s", "-o", path, resolve("bench/peers/programs", `${name}.c`)];
  const { status, error, stderr } = spawnSync(process.env["CC"] ?? "cc", words, { encoding: "utf8" });
  if (error !== undefined) throw new Error("no C compiler: Debian's packages gcc and libc6-dev", { cause: error });
  if (status !== 0) throw new Error(`${name} cannot be built: ${stderr}`);
  return path;
}
