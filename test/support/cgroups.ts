import { existsSync, readFileSync } from "node:fs";
import { afterAll } from "vitest";
import { cgroups } from "../../src/process/cgroup.ts";
import { cgroupsBelow, ownCgroup, removeCgroup } from "../../src/process/cgroup-folder.ts";

/** Gives the processes that this test file starts cgroups. Answers why that cannot be. */
export function makesCgroups(): string | undefined {
  const lack = cgroups.start();
  // The process of a test file ends without a word.
  afterAll(() => removeCgroup(daemonFolder()));
  return lack;
}

/** The folder below which the cgroups of this process are. */
export function daemonFolder(): string {
  const own = ownCgroup()?.folder ?? "";
  return `${own}/${cgroupsBelow(own).find((name) => name.includes(`-${process.pid}-`)) ?? "none"}`;
}

/** The name of the cgroup (version 2) in which a process is; empty where there is none, or the process is gone. */
export function cgroupOf(pid: number): string {
  const file = `/proc/${pid}/cgroup`;
  return existsSync(file) ? (/^0::(.*)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? "") : "";
}
