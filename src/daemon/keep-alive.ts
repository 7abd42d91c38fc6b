import { reportUnhandledErrors } from "../bus/bus.ts";
import type { DaemonLog } from "../log/daemon-log.ts";

/** After boot nothing that goes wrong in a handler ends the daemon: it is logged, and the rest goes on. */
export function keepAlive(log: DaemonLog): () => void {
  const fault = (error: unknown): void => log.error({ err: error }, "a fault in Rind that nobody caught");
  reportUnhandledErrors(fault);
  process.on("uncaughtException", fault);
  process.on("unhandledRejection", fault);
  return () => {
    process.off("uncaughtException", fault);
    process.off("unhandledRejection", fault);
  };
}
