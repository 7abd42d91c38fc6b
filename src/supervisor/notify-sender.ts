import { isLiving, readProcStat } from "../lib/proc.ts";
import type { ProcessHandle } from "../process/launcher.ts";
import { readMark } from "../process/mark.ts";
import type { Credentials } from "../process/sys.ts";

/**
 * Why a message on the notify socket of `own` is not heard (SPEC 6.5); undefined: it is. What is part of the service is heard as whatever user
 * it runs. Of others nobody is heard who belongs to another service, or who is neither root nor the user of this daemon. One that has
 * ended can be asked nothing any more: `systemd-notify` mostly has, and knew the socket.
 */
export function deafTo({ pid, uid }: Credentials, own: ProcessHandle, others: () => Iterable<ProcessHandle>): string | undefined {
  const stat = readProcStat(pid);
  const lives = stat !== undefined && isLiving(stat);
  if (lives && (stat.session === own.pid || isPartOf(own, pid))) return undefined;
  if (uid !== 0 && uid !== process.getuid?.()) return `its sender, pid ${pid}, is of another user (uid ${uid})`;
  if (!lives) return undefined;
  // whatever Rind has started carries a mark
  if (readMark(pid) === undefined && ![...others()].some((other) => other !== own && isPartOf(other, pid))) return undefined;
  return `its sender, pid ${pid} (${stat.name}), belongs to another service`;
}

function isPartOf(handle: ProcessHandle, pid: number): boolean {
  return handle.living().some((process) => process.pid === pid);
}
