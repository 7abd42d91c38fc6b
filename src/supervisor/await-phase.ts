import type { Phase } from "../model/phase.ts";
import type { Instance } from "./instance.ts";
import type { Instances } from "./instances.ts";
import type { World } from "./world.ts";

/** Resolves when the instance is in a phase that `accepts`, at once where it is, or when it is no more. Outside of transactions. */
export function awaitPhase(world: World, instances: Instances, instance: Instance, accepts: (phase: Phase) => boolean): Promise<void> {
  if (accepts(instance.phase) || instances.get(instance.name) !== instance) return Promise.resolve();
  return new Promise((resolve) => {
    const subscription = world.bus.phase(instance.name).subscribe(({ to }) => {
      if (!accepts(to)) return;
      subscription.unsubscribe();
      resolve();
    });
  });
}

/** A start has come to something: the service runs, waits, or has failed. */
export function isSettled(phase: Phase): boolean {
  return phase !== "starting" && phase !== "stopping";
}
