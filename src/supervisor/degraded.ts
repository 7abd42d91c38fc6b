import type { Supervisor } from "./supervisor.ts";

/** Says in `rind@degraded` what is not as it should be, as an event of its own. `what`: how that came to be known, for people. */
export async function degrade(supervisor: Supervisor, item: string, message: string, what: string): Promise<void> {
  await supervisor.transact(what, (cause) =>
    supervisor.apply([{ op: "set", state: "rind@degraded", payload: { item, message }, replace: true }], [cause]),
  );
}

/** Takes back what `degrade` said, where it said anything. */
export async function recover(supervisor: Supervisor, item: string, what: string): Promise<void> {
  if (!supervisor.flow.branches("rind@degraded").has(item)) return;
  await supervisor.transact(what, (cause) => supervisor.apply([{ op: "unset", state: "rind@degraded", filter: { item } }], [cause]));
}
