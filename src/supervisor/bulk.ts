import { hasProcess } from "../model/phase.ts";
import type { HandAction } from "./demands.ts";
import type { Supervisor } from "./supervisor.ts";

/**
 * What a bulk operation is about (SPEC 6.1): everything but class `system`. Of what is declared to be down (`status`) nothing is started,
 * but what runs of it is stopped, restarted and reloaded as the rest.
 */
export function bulkTargets({ index, instances }: Supervisor, action: HandAction): readonly string[] {
  const starts = action === "start" || action === "restart";
  return [...index.services.values()]
    .filter((decl) => decl.class !== "system")
    .filter(({ name, status }) => !starts || status === "start" || instances.of(name).some(({ phase }) => hasProcess(phase)))
    .map(({ name }) => name);
}
