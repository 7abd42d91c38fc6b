import { type Ground, pause } from "./ground.ts";

/** Who has asked for the end, and all that ends with its terminal or its pipe, goes by itself. */
const SETTLE_MS = 500;
/** How long what is left may take to end when it is asked to, and to be gone when it is killed. */
const TERMINATE_MS = 5_000;
const KILL_MS = 2_000;
/** Nothing tells of the end of a process that is no child of this one. */
const LOOK_MS = 50;
/** So many are named; the rest is counted. */
const NAMED = 5;

/** Ends every process but PID 1 and this one: asks, and then kills. `forced` passes over the asking. */
export async function endOthers({ machine, say, clock, forced }: Ground & { readonly forced: AbortSignal }): Promise<void> {
  const areGone = async (ms: number, mayHurry: boolean): Promise<boolean> => {
    for (let waited = 0; machine.others().length > 0; waited += LOOK_MS) {
      if (waited >= ms || (mayHurry && forced.aborted)) return false;
      await pause(clock, LOOK_MS);
    }
    return true;
  };
  if (await areGone(SETTLE_MS, true)) return;
  if (!forced.aborted) {
    say(`ending what is left: ${named(machine.others())}`);
    machine.killAll("SIGTERM");
    if (await areGone(TERMINATE_MS, true)) return;
  }
  say(`killing what is left: ${named(machine.others())}`);
  machine.killAll("SIGKILL");
  if (!(await areGone(KILL_MS, false))) say(`cannot be killed: ${named(machine.others())}`);
}

function named(names: readonly string[]): string {
  const more = names.length - NAMED;
  return more > 0 ? `${names.slice(0, NAMED).join(", ")} and ${more} more` : names.join(", ");
}
