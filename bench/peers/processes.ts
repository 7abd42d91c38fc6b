import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The variable that names the folder which a process was started for. */
export const MARK = "BENCH_OF";

/** `root` and all that descends from it. */
export function family(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  for (const open = [root]; open.length > 0; ) {
    const pid = open.pop();
    if (pid === undefined) break;
    found.push(pid);
    open.push(...(children.get(pid) ?? []));
  }
  return found;
}

/** Kills every process that was started for this folder or one below it, whoever its parent is by now; false: none was left. */
export function killStartedFor(folder: string): boolean {
  const mark = `\0${MARK}=${folder}`;
  const left = allPids().filter((pid) => {
    const environment = attempt(() => readFileSync(`/proc/${pid}/environ`, "latin1")) ?? "";
    return (
      pid > 1 &&
      pid !== process.pid &&
      `\0${environment}`
        .split(mark)
        .slice(1)
        .some((rest) => /^[/\0]|^$/.test(rest))
    );
  });
  for (const pid of left) attempt(() => process.kill(pid, "SIGKILL"));
  return left.length > 0;
}

export function runsFrom(pid: number, folder: string): boolean {
  return (attempt(() => readlinkSync(`/proc/${pid}/exe`)) ?? "").startsWith(`${folder}/`);
}

/** Bytes of memory that are this process's share: what it has alone, and its part of what several have. */
export function pssBytes(pid: number): number {
  const rollup = attempt(() => readFileSync(`/proc/${pid}/smaps_rollup`, "latin1")) ?? "";
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
}

/** How often the threads of this process have gone to sleep, and so been woken. */
export function wakeUps(pid: number): number {
  return (attempt(() => readdirSync(`/proc/${pid}/task`)) ?? [])
    .map((task) => attempt(() => readFileSync(`/proc/${pid}/task/${task}/status`, "latin1")) ?? "")
    .reduce((sum, status) => sum + Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1] ?? 0), 0);
}

function parentOf(pid: number): number | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

function allPids(): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** A process may be gone at any time. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
