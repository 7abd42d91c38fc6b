import { RindError } from "../errors/rind-error.ts";
import { isDown } from "../model/phase.ts";
import { awaitPhase } from "./await-phase.ts";
import type { Instance } from "./instance.ts";
import type { Supervisor } from "./supervisor.ts";

/** After SIGKILL only what hangs in the kernel stays. */
const KILL_LIMIT_MS = 10_000;

/** Resolves when all of these are down; rejects with a `RindError` where one still is not `ms` and what a SIGKILL takes later. */
export async function awaitGone(supervisor: Supervisor, instances: readonly Instance[], ms: number): Promise<void> {
  const { clock } = supervisor;
  let timer: unknown;
  const late = new Promise<never>((_, reject) => {
    timer = clock.setTimeout(() => reject(notGone(instances)), ms + KILL_LIMIT_MS);
  });
  try {
    await Promise.race([Promise.all(instances.map((instance) => awaitPhase(supervisor, supervisor.instances, instance, isDown))), late]);
  } finally {
    clock.clearTimeout(timer);
  }
}

function notGone(instances: readonly Instance[]): RindError {
  const left = instances.filter(({ phase }) => !isDown(phase)).map(({ name }) => name);
  return new RindError(`the process of ${left.join(", ")} cannot be killed`, {
    hint: "what hangs in the kernel cannot be killed: try again when it is gone",
  });
}
