import type { ControlApi } from "../control/api.ts";
import { watchCritical } from "../init/critical.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import type { MachineSide } from "./machine-side.ts";
import type { Stopper } from "./stopper.ts";

/**
 * What the init of a machine listens to while that runs: a critical service that fails for good ends everything in order, so that the emergency shell
 * has the console for itself; SIGHUP reads the units anew. To be called before boot. Returns the way to stop listening.
 */
export function followMachine(
  init: MachineSide,
  supervisor: Supervisor,
  { api, stopper }: { api: ControlApi; stopper: Stopper },
): () => void {
  const { log } = supervisor;
  watchCritical(supervisor, (instance, reason) => {
    init.say(`critical service ${instance} failed: ${reason}; everything is stopped for the emergency shell`);
    stopper.stop("emergency").catch((err: unknown) => log.error({ err }, "the shutdown failed"));
  });
  const hangUp = (): void => {
    api.reload({ restart: false }).then(
      () => init.say("the units were read anew"),
      (error: unknown) => init.say(`the units were not read anew: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  process.on("SIGHUP", hangUp);
  return () => void process.off("SIGHUP", hangUp);
}
