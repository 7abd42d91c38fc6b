import { resolve } from "node:path";
import type { DaemonLog } from "../log/daemon-log.ts";
import { cgroups } from "../process/cgroup.ts";
import { markAs } from "../process/mark.ts";
import { reaper } from "../process/reaper.ts";
import { endStrays } from "../process/strays.ts";

/** How long an orphan that belongs to no service may take to end when the daemon ends. */
const STRAY_TIMEOUT_MS = 2_000;

/** Makes this daemon the one that orphans come to. Before anything is started. Says once what there is to do without where that cannot be. */
export function takeOrphans(statePath: string, log: DaemonLog): void {
  markAs(resolve(statePath));
  const refused = cgroups.start();
  if (refused !== undefined) log.debug({ reason: refused }, "services get no cgroups: what comes from them is told in other ways");
  const lack = reaper.start();
  if (lack === undefined) return;
  log.warn(
    { reason: lack },
    "the native part is not there: what leaves its service may not be found or reaped, notify and the credentials of clients are not known",
  );
}

/** What is left when all services are down and cannot be told whose it was. */
export async function endOrphans(log: DaemonLog): Promise<void> {
  for (const { pid, name } of await endStrays(STRAY_TIMEOUT_MS))
    log.warn({ pid, name }, "a process had left its service so that nobody could tell whose it was; it was ended");
}
