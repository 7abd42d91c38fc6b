import { degrade, recover } from "./degraded.ts";
import type { Supervisor } from "./supervisor.ts";

/** The branch of `rind@degraded` that says that the disk refuses. */
const ITEM = "state-store";

/** Resolves when all that was written so far is on disk; rejects where the disk refuses, which `rind@degraded` shows until it does not. */
export async function stored(supervisor: Supervisor): Promise<void> {
  try {
    await supervisor.store.flush();
  } catch (error) {
    await degrade(supervisor, ITEM, error instanceof Error ? error.message : String(error), "the disk refuses");
    throw error;
  }
  await recover(supervisor, ITEM, "the disk is well again");
}
