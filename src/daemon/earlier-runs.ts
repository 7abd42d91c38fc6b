import { bootId } from "../lib/proc.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import { instanceName } from "../model/name.ts";
import type { Store } from "../persist/store.ts";
import { endLeftovers } from "../process/end-leftovers.ts";
import { entriesOf } from "../supervisor/durable.ts";
import { storedRuns } from "../supervisor/run-records.ts";

/** How long what a daemon that died has left behind may take to end before it is killed. */
const LEFTOVER_TIMEOUT_MS = 10_000;

/** An orderly end is no death: what comes next is a boot. */
export function forgetRuns(store: Store): void {
  store.append(["daemon", ...entriesOf(store, "run").map(([instance]) => `run ${instance}`)].map((key) => ({ key, value: undefined })));
}

/** What a daemon of the same boot that died has left running. */
export async function endWhatIsLeft(store: Store, log: DaemonLog): Promise<void> {
  if (store.entries.get("daemon") !== bootId()) return;
  const leftovers = [...storedRuns(store)].flatMap(([service, runs]) =>
    [...runs].flatMap(([key, { process }]) =>
      process === undefined ? [] : [{ instance: instanceName(service, key), pid: process.pid, start: process.pidStart }],
    ),
  );
  for (const { instance, pid } of await endLeftovers(leftovers, LEFTOVER_TIMEOUT_MS)) {
    log.warn({ service: instance, pid }, "a daemon that died had left it running; it was ended");
  }
}
