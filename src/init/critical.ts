import type { Supervisor } from "../supervisor/supervisor.ts";

/** Tells of each critical service that fails for good (SPEC 6.1), unless everything is being stopped anyway. `reason`: for people. */
export function watchCritical({ instances, demands }: Supervisor, onFailed: (instance: string, reason: string) => void): void {
  instances.observe({
    phase: ({ name, decl }, { to, reason }) => {
      if (to === "failed" && decl.critical && !demands.refusing) onFailed(name, reason);
    },
  });
}
