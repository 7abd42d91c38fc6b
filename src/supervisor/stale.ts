import { hasProcess } from "../model/phase.ts";
import { launchText } from "./launch-plan.ts";
import type { Supervisor } from "./supervisor.ts";

/** Names of the instances whose process was started with what the units no longer say. */
export function staleInstances({ index, instances }: Supervisor): readonly string[] {
  const { settings } = index.units;
  return [...instances.all()]
    .filter(
      ({ phase, decl, launchedWith }) => hasProcess(phase) && launchedWith !== undefined && launchedWith !== launchText(decl, settings),
    )
    .map(({ name }) => name);
}
