import { readProcStat } from "../../src/lib/proc.ts";

/** Whether this process is there and no zombie. */
export function lives(pid: number | string | undefined): boolean {
  const state = readProcStat(Number(pid))?.state;
  return state !== undefined && state !== "Z";
}
