import type { ProcessStats, ServiceStats } from "../control/api.ts";
import { cpuTimeOf, memoryOf } from "../process/usage.ts";
import type { Instance } from "./instance.ts";
import type { World } from "./world.ts";

/** How long is looked at what the processes use of the processors. */
const SAMPLE_MS = 100;

/** What the processes of an instance use now (SPEC 10): measured when it is asked for, and never else. */
export async function statsOf(world: World, instance: Instance | undefined): Promise<ServiceStats> {
  const run = instance?.process;
  const living = run?.handle.living() ?? [];
  if (run === undefined || living.length === 0) return { pid: 0 };

  const since = performance.now();
  const before = await cpuTimes(living.map(({ pid }) => pid));
  await new Promise<void>((resolve) => void world.clock.setTimeout(resolve, SAMPLE_MS));
  const now = run.handle.living();
  const after = await cpuTimes(now.map(({ pid }) => pid));
  const elapsed = performance.now() - since;

  // what has begun meanwhile has used all its time meanwhile; threads that have ended take theirs out of the account
  const percent = (pid: number): number => rounded((Math.max(0, (after.get(pid) ?? 0) - (before.get(pid) ?? 0)) / elapsed) * 100);
  const processes = (
    await Promise.all(
      now.map(async ({ pid, name }): Promise<readonly ProcessStats[]> => {
        const memory = await memoryOf(pid);
        return memory === undefined ? [] : [{ pid, name, memory_bytes: memory, cpu_percent: percent(pid) }];
      }),
    )
  ).flat();
  if (processes.length === 0) return { pid: 0 };
  return {
    pid: run.exit === undefined ? run.handle.mainPid() : 0,
    memory_bytes: processes.reduce((sum, { memory_bytes: bytes }) => sum + bytes, 0),
    cpu_percent: rounded(processes.reduce((sum, { cpu_percent: part }) => sum + part, 0)),
    processes,
  };
}

async function cpuTimes(pids: readonly number[]): Promise<ReadonlyMap<number, number>> {
  const times = await Promise.all(pids.map(async (pid) => [pid, (await cpuTimeOf(pid)) ?? 0] as const));
  return new Map(times);
}

function rounded(percent: number): number {
  return Math.round(percent * 10) / 10;
}
