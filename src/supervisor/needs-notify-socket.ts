import type { ServiceDecl } from "../model/unit-set.ts";

/** Whether its process has to be able to say something about itself. */
export function needsNotifySocket({ ready, health, watchdog }: ServiceDecl): boolean {
  return watchdog !== undefined || ready?.probe.kind === "notify" || health?.probe.kind === "notify";
}
