import { RejectedError } from "../errors/rind-error.ts";
import type { Instance } from "./instance.ts";
import { namedInstances } from "./named-instances.ts";
import type { Supervisor } from "./supervisor.ts";

/**
 * Sends a signal to the main process of every instance named, or to none where one of the names has no process. It asks for nothing else: an
 * end that follows is one that nobody asked for. `by`: who asks, behind the words of what is asked.
 */
export async function killServices(
  supervisor: Supervisor,
  names: readonly string[],
  killSignal: NodeJS.Signals,
  by: string,
): Promise<readonly Instance[]> {
  const targets = names.flatMap((name) => {
    const running = namedInstances(supervisor, name).filter(({ process }) => process !== undefined && process.exit === undefined);
    if (running.length === 0) throw new RejectedError(`${name} has no process`, { hint: `rind status ${name} says how it is` });
    return running;
  });
  await supervisor.transact(`rind kill --signal ${killSignal} ${names.join(" ")}${by}`, () => {
    for (const { process } of targets) process?.handle.signalMain(killSignal);
  });
  return targets;
}
