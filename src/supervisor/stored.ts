import type { Supervisor } from "./supervisor.ts";

/** The branch of `rind@degraded` that says that the disk refuses. */
const ITEM = "state-store";

/** Resolves when all that was written so far is on disk; rejects where the disk refuses, which `rind@degraded` shows until it does not. */
export async function stored(supervisor: Supervisor): Promise<void> {
  try {
    await supervisor.store.flush();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await supervisor.transact("the disk refuses", (cause) =>
      supervisor.apply([{ op: "set", state: "rind@degraded", payload: { item: ITEM, message }, replace: true }], [cause]),
    );
    throw error;
  }
  if (!supervisor.flow.branches("rind@degraded").has(ITEM)) return;
  await supervisor.transact("the disk is well again", (cause) =>
    supervisor.apply([{ op: "unset", state: "rind@degraded", filter: { item: ITEM } }], [cause]),
  );
}
