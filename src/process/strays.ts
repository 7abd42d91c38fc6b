import { setTimeout as wait } from "node:timers/promises";
import type { ProcStat } from "../lib/proc.ts";
import { readProcStat } from "../lib/proc.ts";
import type { LivingProcess } from "./launcher.ts";
import { reaper } from "./reaper.ts";

const LOOK_MS = 20;
const KILL_GRACE_MS = 2_000;

/** Orphans that nobody can tell whose they were: they left their session, cleared their environment and lost their parents. With what descends from them. */
export function strays(): readonly LivingProcess[] {
  return reaper.finder.strays().map(({ pid, name }) => ({ pid, name }));
}

/** Ends them, for the end of the daemon: SIGTERM, and SIGKILL after `graceMs`. Answers who was found. */
export async function endStrays(graceMs: number): Promise<readonly LivingProcess[]> {
  const found = reaper.finder.strays();
  for (const stray of found) signal(stray, "SIGTERM");
  const start = performance.now();
  for (let left = found; left.length > 0 && performance.now() - start < graceMs + KILL_GRACE_MS; left = reaper.finder.strays()) {
    if (performance.now() - start >= graceMs) for (const stray of left) signal(stray, "SIGKILL");
    await wait(LOOK_MS);
    reaper.finder.renew();
  }
  return found.map(({ pid, name }) => ({ pid, name }));
}

function signal({ pid, startTime }: ProcStat, killSignal: NodeJS.Signals): void {
  if (readProcStat(pid)?.startTime !== startTime) return;
  try {
    process.kill(pid, killSignal);
  } catch {
    // It has ended since, or has become another user's: whether it lives is looked at again.
  }
}
