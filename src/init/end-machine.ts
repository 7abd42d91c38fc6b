import type { PowerAction } from "../model/power.ts";
import { endOthers } from "./end-others.ts";
import { type Ground, LateError, mountedNow, reasonOf, within } from "./ground.ts";
import { syncDisks } from "./sync-disks.ts";
import { stillWritable, unmountOrder } from "./unmount-order.ts";

export interface EndOptions extends Ground {
  readonly action: PowerAction;
  /** Where units have had something mounted. */
  readonly ours: ReadonlySet<string>;
  /** Somebody is in a hurry: what is left is killed at once. */
  readonly forced: AbortSignal;
}

/** What a disk or a server may take for one call before it is left behind. */
const CALL_MS = 10_000;
/** What was busy may be free when what was mounted on it is gone. */
const ROUNDS = 3;

const WORDS: Readonly<Record<PowerAction, string>> = {
  poweroff: "powering off",
  reboot: "rebooting",
  halt: "halted",
};

/**
 * The end of the machine, when all services are down and Rind has nothing open any more: what is left is asked to end and then killed, disks are
 * written, file systems taken down in the reverse of their order, and the kernel is told. Each step says one line. None waits without a bound,
 * and one that fails does not keep the next from being done. Comes back where PID 1 is to end: false where the kernel refuses.
 */
export async function endMachine(options: EndOptions): Promise<boolean> {
  const { machine, say, action } = options;
  await endOthers(options);
  await syncDisks(options);
  if (machine.isWhole()) {
    await endSwap(options);
    await protect(options, await unmountAll(options, undefined));
    await syncDisks(options);
  } else await unmountAll(options, options.ours);
  say(WORDS[action]);
  // a container ends with its PID 1, and that with the code of this process
  if (action !== "reboot" && !machine.isWhole()) return true;
  try {
    machine.power(action);
  } catch (error) {
    const ends = !machine.isWhole();
    say(`the kernel refuses: ${reasonOf(error)}${ends ? "; the container ends" : ""}`);
    return ends;
  }
  return true;
}

/** See proc(5) for /proc/swaps: a heading, then a line for each. */
async function endSwap({ machine, say, clock }: EndOptions): Promise<void> {
  const lines = (machine.read("/proc/swaps") ?? "").split("\n").slice(1);
  for (const [path = ""] of lines.map((line) => line.split(/\s+/, 1))) {
    if (path === "") continue;
    try {
      await within(clock, CALL_MS, machine.swapOff(path));
      say(`no longer swapping to ${path}`);
    } catch (error) {
      say(`swapping to ${path} goes on: ${reasonOf(error)}`);
    }
  }
}

/** Answers what has given no answer: it is not asked again, as each question keeps a thread for good. */
async function unmountAll({ machine, say, clock }: EndOptions, ours: ReadonlySet<string> | undefined): Promise<ReadonlySet<string>> {
  const flaws = new Map<string, string>();
  const stuck = new Set<string>();
  for (let round = 1, progress = true; progress && round <= ROUNDS; round++) {
    progress = false;
    for (const { target } of unmountOrder(mountedNow(machine), ours)) {
      if (stuck.has(target)) continue;
      try {
        await within(clock, CALL_MS, machine.unmount(target));
        progress = true;
        flaws.delete(target);
        say(`unmounted ${target}`);
      } catch (error) {
        flaws.set(target, reasonOf(error));
        if (error instanceof LateError) stuck.add(target);
      }
    }
  }
  for (const [target, reason] of flaws) say(`${target} stays mounted: ${reason}`);
  return stuck;
}

/** What cannot be unmounted, the root above all, takes no harm where nothing can be written to it any more. */
async function protect({ machine, say, clock }: EndOptions, stuck: ReadonlySet<string>): Promise<void> {
  for (const { target } of stillWritable(mountedNow(machine))) {
    if (stuck.has(target)) continue;
    try {
      await within(clock, CALL_MS, machine.mount({ source: "", target, fstype: "", flags: ["remount", "ro"], data: "" }));
      say(`${target} can only be read now`);
    } catch (error) {
      say(`${target} can still be written to: ${reasonOf(error)}`);
    }
  }
}
