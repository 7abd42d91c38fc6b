import { dirname } from "node:path";
import type { MountDecl } from "../model/unit-set.ts";
import { isMounted } from "./early-mounts.ts";
import { type Ground, mountedNow, reasonOf, within } from "./ground.ts";
import type { Machine } from "./machine.ts";
import { isBind } from "./mount-flags.ts";

/** What is wrong with the machine, as `rind@degraded` has it. */
export interface Flaw {
  readonly item: string;
  readonly message: string;
}

/** A server that does not answer must not keep a machine from booting. */
const MOUNT_MS = 30_000;

/** Mounts what units declare, in their order; what is there already is left alone. Answers what could not be mounted: the rest is. */
export async function mountUnits(mounts: readonly MountDecl[], { machine, clock }: Omit<Ground, "say">): Promise<readonly Flaw[]> {
  const flaws: Flaw[] = [];
  for (const decl of mounts) {
    try {
      await within(clock, MOUNT_MS, mountUnit(decl, machine));
    } catch (error) {
      flaws.push({ item: decl.name, message: `${decl.target} is not mounted: ${reasonOf(error)}` });
    }
  }
  return flaws;
}

async function mountUnit(decl: MountDecl, machine: Machine): Promise<void> {
  const { source, target, flags, create } = decl;
  // a remount is about what is there
  if (!flags.includes("remount") && isMounted(target, mountedNow(machine))) return;
  if (create) {
    // what is bound over a file has to be a file
    const isFile = isBind(flags) && !machine.isFolder(source);
    machine.makeFolder(isFile ? dirname(target) : target);
    if (isFile) machine.makeFile(target);
  }
  await machine.mount(decl);
}
