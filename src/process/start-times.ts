import { readProcStat } from "../lib/proc.ts";

/** When the children of this process have begun that are not reaped yet: their numbers are no other's. */
const began = new Map<number, number>();

/** `ticks`: as proc(5) has it; 0: nothing tells. To be called when it was started. */
export function noteStart(pid: number, ticks: number): void {
  if (ticks > 0) began.set(pid, ticks);
}

/** To be called when it was reaped. */
export function forgetStart(pid: number): void {
  began.delete(pid);
}

/** Names a process together with its pid; undefined where there is no such process. */
export function processStart(pid: number): string | undefined {
  const known = began.get(pid);
  if (known !== undefined) return String(known);
  const stat = readProcStat(pid);
  return stat === undefined || stat.state === "Z" ? undefined : String(stat.startTime);
}
