import { RejectedError } from "../errors/rind-error.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { DaemonSide } from "../supervisor/control-api.ts";
import type { Stopper } from "./stopper.ts";

/** How clients end a daemon: that of a project by itself, the init of a machine only together with that. */
export function waysToEnd(stopper: Stopper, isInit: boolean, log: DaemonLog): Pick<DaemonSide, "down" | "power"> {
  return {
    down: () => {
      if (isInit) throw new RejectedError("this daemon is the init of the machine", { hint: "rind poweroff, rind reboot or rind halt" });
      return stopper.stop();
    },
    power: (action, force) => {
      if (!isInit) throw new RejectedError("this daemon is not the init of a machine", { hint: "rind down ends it" });
      if (force) stopper.force();
      // whoever asked is answered now: the socket is one of the first things to go
      stopper.stop(action).catch((err: unknown) => log.error({ err }, "the shutdown failed"));
    },
  };
}
