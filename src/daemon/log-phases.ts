import type { Supervisor } from "../supervisor/supervisor.ts";

/** A line of the daemon's log for each phase change: where nobody narrates. */
export function logPhases({ instances, log }: Supervisor): void {
  instances.observe({
    phase: (instance, { to, reason }) => {
      const level = to === "failed" ? "error" : "info";
      log[level]({ service: instance.name, phase: to, pid: instance.process?.handle.pid }, reason);
    },
  });
}
