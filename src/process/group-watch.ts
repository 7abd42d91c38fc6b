import type { Clock } from "../lib/clock.ts";
import type { ProcessGroup } from "./process-group.ts";

const FIRST_POLL_MS = 10;
const MAX_POLL_MS = 200;

/**
 * Calls `onGone` once, when nothing of the group lives; at the earliest in a later turn of the clock. To be asked after the main process has
 * gone: the kernel tells the end of grandchildren only to a subreaper, so this looks after 10 ms and then less and less often, up to every 200 ms.
 * Returns the way to end the watch.
 */
export function whenGroupGone(handle: Pick<ProcessGroup, "groupAlive">, { clock }: { clock: Clock }, onGone: () => void): () => void {
  const look = (waitMs: number): void => {
    if (!handle.groupAlive()) {
      onGone();
      return;
    }
    const next = Math.min(waitMs * 1.5, MAX_POLL_MS);
    timer = clock.setTimeout(() => look(next), waitMs);
  };
  let timer = clock.setTimeout(() => look(FIRST_POLL_MS), 0);
  return () => clock.clearTimeout(timer);
}
