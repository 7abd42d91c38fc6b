import { closeSync } from "node:fs";
import { isLiving, readProcStat } from "../lib/proc.ts";
import { fdWatch } from "./fd-watch.ts";
import { native } from "./sys.ts";

/** A process, whosever child it is, and none that gets its pid later. */
export interface KnownProcess {
  readonly pid: number;
  /** Clock ticks after the start of the machine at which it began, see proc(5). */
  readonly start: number;
}

/** undefined: there is no such process. */
export function knownProcess(pid: number): KnownProcess | undefined {
  const found = readProcStat(pid);
  return found === undefined || !isLiving(found) ? undefined : { pid, start: found.startTime };
}

/** Whether it has not ended; a zombie has. */
export function isRunning({ pid, start }: KnownProcess): boolean {
  return knownProcess(pid)?.start === start;
}

/**
 * Calls back once when this process has ended, in a turn of its own. Returns the way to end the watch; undefined: it has ended already. Without the native part,
 * or where the kernel has no pidfd_open(2) (before 5.3), nothing is told.
 */
export function watchEnd(known: KnownProcess, onEnd: () => void): (() => void) | undefined {
  const sys = native();
  if (sys === undefined) return isRunning(known) ? () => {} : undefined;
  let fd: number;
  try {
    fd = sys.openPidFd(known.pid);
  } catch {
    return isRunning(known) ? () => {} : undefined;
  }
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    fdWatch(sys).remove(fd);
    closeSync(fd);
  };
  // it was looked at after the descriptor was had: what has that pid now is what will be watched
  if (!isRunning(known)) {
    closeSync(fd);
    return undefined;
  }
  fdWatch(sys).add(fd, () => {
    if (isRunning(known)) return;
    close();
    onEnd();
  });
  return close;
}
