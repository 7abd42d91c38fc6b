import { closeSync, openSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { RindError } from "../errors/rind-error.ts";
import { makeFolderNow } from "../lib/make-folder.ts";
import { bootId, isLiving, readProcStat } from "../lib/proc.ts";

/**
 * One daemon per state file.
 *
 * Each daemon lays an empty file beside it, `state.lock-PID-START-BOOT`, whose name says for good which process that was; then it looks who else
 * has. Names of the dead are swept away. Two that come at once see each other: they step back and try again, so that never both go on; a lock that
 * is taken over from the dead has no moment in which two could hold it.
 */
export interface Claim {
  release(): void;
}

const TRIES = 5;

/** The folder is made where it is missing, for its owner alone. Throws a `RindError` that names the holder, and what the system refuses as it is. */
export async function makeFolderAndClaim(path: string): Promise<Claim> {
  makeFolderNow(dirname(path), 0o700);
  const own = ownName(path);
  for (let tries = 1; ; tries++) {
    closeSync(openSync(join(dirname(path), own), "a", 0o600));
    const release = (): void => rmSync(join(dirname(path), own), { force: true });
    const holder = otherHolder(path, own);
    if (holder === undefined) return { release };
    release();
    if (tries === TRIES) {
      throw new RindError(`${path} is in use by another daemon (pid ${holder})`, {
        hint: "stop that one, or set RIND_STATE_PATH to another file",
      });
    }
    // Of two that meet, one comes back first.
    await new Promise((resolve) => setTimeout(resolve, 10 + Math.random() * 40 * tries));
  }
}

function otherHolder(path: string, own: string): number | undefined {
  const prefix = `${basename(path)}.lock-`;
  for (const name of readdirSync(dirname(path))) {
    if (name === own || !name.startsWith(prefix)) continue;
    const [pid, startTime, boot] = name.slice(prefix.length).split("-");
    const holder = Number(pid);
    const stat = boot === shortBootId() ? readProcStat(holder) : undefined;
    // one that was killed stays in sight until its parent asks for it
    if (stat !== undefined && stat.startTime === Number(startTime) && isLiving(stat)) return holder;
    rmSync(join(dirname(path), name), { force: true });
  }
  return undefined;
}

function ownName(path: string): string {
  return `${basename(path)}.lock-${process.pid}-${readProcStat(process.pid)?.startTime ?? 0}-${shortBootId()}`;
}

function shortBootId(): string {
  return bootId().replaceAll("-", "").slice(0, 12);
}
