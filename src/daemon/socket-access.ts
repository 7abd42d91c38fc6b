import type { ControlServer } from "../control/server.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { UnitSet } from "../model/unit-set.ts";
import { nativeLack } from "../process/sys.ts";
import { givesRights } from "../supervisor/rights.ts";

/**
 * Lets everybody open the control socket where these units give rights to others, or `always`; else its owner alone (SPEC 9, 12). What each may do is
 * judged by the peer credentials of the connection: where these cannot be had, the socket stays its owner's.
 */
export function shareSocket(server: ControlServer, units: UnitSet, always: boolean, log: DaemonLog): void {
  const wanted = always || givesRights(units);
  const lack = wanted ? nativeLack() : undefined;
  if (lack !== undefined)
    log.warn({ socket: server.path, lack }, "the control socket stays its owner's alone: who calls cannot be told here");
  try {
    server.share(wanted && lack === undefined);
  } catch (error) {
    log.error({ socket: server.path, err: error }, "who may open the control socket could not be changed");
  }
}
