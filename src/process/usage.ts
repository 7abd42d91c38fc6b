import { readdir, readFile } from "node:fs/promises";

/** Clock ticks per second of the times in `/proc/PID/stat`: USER_HZ, which is 100 wherever Node runs (proc(5), sysconf(3)). */
const TICKS_PER_SECOND = 100;

/**
 * The memory of a process in bytes: its proportional set size (pages that it shares count by parts, so that a sum over a family is right);
 * where that may not be read, its resident set size. undefined: it is gone. Read off the event loop: for a large process the kernel
 * walks its page tables.
 */
export async function memoryOf(pid: number): Promise<number | undefined> {
  return kilobytes(await read(`/proc/${pid}/smaps_rollup`), "Pss") ?? kilobytes(await read(`/proc/${pid}/status`), "VmRSS");
}

/** The processor time that a process has used so far, all its threads together, in milliseconds; undefined: it is gone. */
export async function cpuTimeOf(pid: number): Promise<number | undefined> {
  return (await scheduledTime(pid)) ?? (await countedTime(pid));
}

/** To the nanosecond, of the threads that live now; undefined where the kernel keeps no such account (CONFIG_SCHED_INFO). */
async function scheduledTime(pid: number): Promise<number | undefined> {
  const folder = `/proc/${pid}/task`;
  const threads = await readdir(folder).catch(() => []);
  const texts = await Promise.all(threads.map((thread) => read(`${folder}/${thread}/schedstat`)));
  const times = texts.flatMap((text) => (text === undefined ? [] : [Number(text.split(" ")[0]) / 1e6]));
  const sum = times.reduce((total, time) => total + time, 0);
  return sum > 0 ? sum : undefined;
}

async function countedTime(pid: number): Promise<number | undefined> {
  const text = await read(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The program's name stands in brackets and may hold anything: count from the last one.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}

function kilobytes(text: string | undefined, field: string): number | undefined {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text ?? "")?.[1];
  return found === undefined ? undefined : Number(found) * 1_024;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "latin1");
  } catch {
    return undefined;
  }
}
