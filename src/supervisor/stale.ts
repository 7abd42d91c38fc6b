import { hasProcess } from "../model/phase.ts";
import { launchText } from "./launch-plan.ts";
import type { Instance } from "./instance.ts";
import type { Supervisor } from "./supervisor.ts";

/** Whether the process of an instance was started with what the units no longer say. Only a reload can bring that about. */
export function isStale({ index }: Supervisor, { phase, decl, launchedWith }: Instance): boolean {
  if (!hasProcess(phase) || launchedWith === undefined) return false;
  const { settings } = index.units;
  if (launchedWith.decl === decl && launchedWith.settings === settings) return false;
  return launchText(launchedWith.decl, launchedWith.settings) !== launchText(decl, settings);
}

export function staleInstances(supervisor: Supervisor): readonly string[] {
  return [...supervisor.instances.all()].filter((instance) => isStale(supervisor, instance)).map(({ name }) => name);
}
