import { closeSync, lstatSync, openSync, readFileSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { RindError } from "../errors/rind-error.ts";
import { makeFolderNow } from "../lib/make-folder.ts";
import { isLiving, listPids, readProcStat } from "../lib/proc.ts";
import { mountSteps } from "./mount-flags.ts";
import { native, nativeLack, UNMOUNT } from "../process/sys.ts";
import { isDaemonOfInit } from "./hand-over.ts";
import type { Machine } from "./machine.ts";

/** PROC_PID_INIT_INO of the kernel: in it runs what no container holds. */
const FIRST_PID_NAMESPACE = "pid:[4026531836]";

/** This machine, or what the namespaces of this process make of it. Throws where there is no native part, or this process was not started by PID 1. */
export function systemMachine(): Machine {
  if (!isDaemonOfInit(process.env)) throw new RindError("only what PID 1 runs may set up and take down the machine");
  const sys = native();
  if (sys === undefined) throw new RindError(`without its native part Rind cannot be the init of a machine: ${nativeLack() ?? ""}`);
  return {
    isWhole: () => linkOf("/proc/self/ns/pid") === FIRST_PID_NAMESPACE,
    read(path) {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    isFolder: (path) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true,
    makeFolder: (path) => makeFolderNow(path, 0o755),
    makeFile: (path) => closeSync(openSync(path, "a", 0o644)),
    link(path, to) {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) symlinkSync(to, path);
    },
    async mount({ source, target, fstype, flags, data }) {
      const steps = mountSteps(flags, data);
      for (const step of steps.flags) await sys.mount(source, target, fstype, step, steps.data);
    },
    unmount: (target) => sys.unmount(target, UNMOUNT.noFollow),
    setHostname: (name) => sys.setHostname(name),
    // Node lists those alone that are up
    isUp: (name) => networkInterfaces()[name] !== undefined,
    interfaceUp: (name) => sys.interfaceUp(name),
    swapOff: (path) => sys.swapOff(path),
    killAll: (killSignal) => void sys.killAll(killSignal),
    others: () => (listPids() ?? []).flatMap(nameOfOther),
    sync: () => sys.sync(),
    power: (action) => sys.reboot(action),
  };
}

/** Threads of the kernel have no program. */
function nameOfOther(pid: number): readonly string[] {
  const stat = pid === 1 || pid === process.pid ? undefined : readProcStat(pid);
  return stat !== undefined && isLiving(stat) && linkOf(`/proc/${pid}/exe`) !== undefined ? [`${stat.name} (pid ${pid})`] : [];
}

/** undefined: there is none, or it cannot be read. */
function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
