import { readProcStat } from "../lib/proc.ts";
import type { ProcessHandle } from "../process/launcher.ts";
import { readMark } from "../process/mark.ts";
import type { Credentials } from "../process/sys.ts";

/**
 * Why a message on the notify socket of `own` is not heard (SPEC 6.5); undefined: it is. What is part of the service is heard as whatever user
 * it runs. Of others nobody is heard who belongs to another service, or who is neither root nor `ownUid`, the user as whom the service was started. One
 * that has ended can be asked nothing any more: `systemd-notify` mostly has, and knew the socket.
 */
export function deafTo(
  { pid, uid }: Credentials,
  own: ProcessHandle,
  ownUid: number,
  runs: () => Iterable<ProcessHandle>,
): string | undefined {
  // a zombie still has its session
  const stat = readProcStat(pid);
  if (stat?.session === own.pid || isPartOf(own, pid)) return undefined;
  if (uid !== 0 && uid !== ownUid) return `its sender, pid ${pid}, is of another user (uid ${uid})`;
  if (stat === undefined) return undefined;
  // whatever Rind has started carries a mark, as long as it lives
  const isOthers = readMark(pid) !== undefined || [...runs()].some((other) => stat.session === other.pid || isPartOf(other, pid));
  return isOthers ? `its sender, pid ${pid} (${stat.name}), belongs to another service` : undefined;
}

function isPartOf(handle: ProcessHandle, pid: number): boolean {
  return handle.living().some((process) => process.pid === pid);
}
