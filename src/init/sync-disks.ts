import { type Ground, pause, reasonOf } from "./ground.ts";

/** A disk that has written nothing for so long never will. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 500;

/** Waits until all is on the disks, as long as it becomes less. */
export async function syncDisks({ machine, say, clock }: Ground): Promise<void> {
  say("writing all disks");
  let isDone = false;
  const done = machine.sync().then(
    () => {
      isDone = true;
    },
    (error: unknown) => {
      isDone = true;
      say(`the disks cannot be written: ${reasonOf(error)}`);
    },
  );
  let least = Number.POSITIVE_INFINITY;
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    await Promise.race([done, pause(clock, LOOK_MS)]);
    if (isDone) return;
    const left = unwritten(machine.read("/proc/meminfo") ?? "");
    if (left < least) waited = 0;
    least = Math.min(least, left);
  }
  say(`${least} kB cannot be written, and are lost`);
}

/** In kB, see proc(5) for /proc/meminfo. */
function unwritten(meminfo: string): number {
  return [...meminfo.matchAll(/^(?:Dirty|Writeback): *(\d+) kB$/gm)].reduce((sum, [, kB]) => sum + Number(kB), 0);
}
