import { readdirSync, readFileSync, rmdirSync, statSync } from "node:fs";
import { readProcFile } from "../lib/proc.ts";

/** A cgroup: its folder, and its name as `/proc/PID/cgroup` has it, without a slash at its end. */
export interface CgroupPlace {
  readonly folder: string;
  readonly name: string;
}

/** The cgroup (version 2) that this process is in; undefined where there is none, or its folder cannot be seen from here. See cgroups(7). */
export function ownCgroup(): CgroupPlace | undefined {
  try {
    const line = /^0::(\/.*)$/m.exec(readFileSync("/proc/self/cgroup", "utf8"))?.[1];
    if (line === undefined || line.includes("/..")) return undefined;
    const name = line === "/" ? "" : line;
    for (const mount of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
      const [place = "", system = ""] = mount.split(" - ");
      if (!system.startsWith("cgroup2 ")) continue;
      const [, , , shown = "", point = ""] = place.split(" ").map(unescaped);
      // Of a mount that was made for a container only what is below its own root is there.
      const root = shown === "/" ? "" : shown;
      if (name === root || name.startsWith(`${root}/`)) return { folder: `${point}${name.slice(root.length)}`, name };
    }
  } catch {
    // No /proc: nothing tells.
  }
  return undefined;
}

/** Spaces and the like in paths, see proc_pid_mountinfo(5). */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Who lives in the cgroup of this folder and in those below it. */
export function pidsIn(folder: string): readonly number[] {
  const text = readProcFile(`${folder}/cgroup.procs`)?.trim() ?? "";
  // 0 stands for one that cannot be seen from here.
  const pids = text === "" ? [] : text.split("\n").map(Number).filter(Boolean);
  return [...pids, ...cgroupsBelow(folder).flatMap((name) => pidsIn(`${folder}/${name}`))];
}

/** The names of the cgroups in this one. */
export function cgroupsBelow(folder: string): readonly string[] {
  try {
    // Each folder is a link to the one it is in: most have none, and a list of all their files costs ten times as much.
    if (statSync(folder).nlink <= 2) return [];
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

/** Removes a cgroup and those below it, as far as nobody lives in them. */
export function removeCgroup(folder: string): void {
  for (const name of cgroupsBelow(folder)) removeCgroup(`${folder}/${name}`);
  try {
    rmdirSync(folder);
  } catch {
    // Somebody lives there, or it is gone: the next daemon looks again.
  }
}
