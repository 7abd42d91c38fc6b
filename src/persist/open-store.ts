import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { RindError } from "../errors/rind-error.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { Json } from "../model/json.ts";
import { type Claim, makeFolderAndClaim } from "./claim.ts";
import { type Decoded, decode } from "./format.ts";
import { Journal } from "./journal.ts";
import type { Store } from "./store.ts";

export interface OpenedStore {
  readonly store: Store;
  /** One sentence each, for people: what was damaged and where it was put aside, why nothing can be stored. */
  readonly warnings: readonly string[];
}

export interface StoreOptions {
  readonly log: DaemonLog;
  readonly now: () => number;
  readonly needed?: boolean;
}

/** The system refuses the file. */
class UnusableError extends RindError {}

const NOTHING: Decoded = { writes: [], end: 0, damage: "none" };

/**
 * Reads the file and keeps it for this process alone. A file that is not there is an empty store; a damaged tail is cut, a file damaged before its
 * last group is put aside, and both start with a warning. A disk that is full or read-only gives a store in memory that goes on trying; so does all
 * else that the system refuses where the file is not `needed` (default: it is). Throws a `RindError` where another daemon has the file, or this one
 * may not use it. `now`: milliseconds since 1970, for the name of what is put aside.
 */
export async function openStore(path: string, options: StoreOptions): Promise<OpenedStore> {
  try {
    return await openFile(path, options);
  } catch (error) {
    if (!(error instanceof UnusableError) || options.needed !== false) throw error;
    const warning = `nothing is stored: ${error.message}; states stand in memory`;
    // what is there was not read: it is never written over
    const claimLater = (): Promise<Claim> => Promise.reject(error);
    return { store: new Journal(path, options.log, { ...replay(NOTHING), end: 0, claim: undefined, claimLater }), warnings: [warning] };
  }
}

async function openFile(path: string, { log, now }: StoreOptions): Promise<OpenedStore> {
  const warnings: string[] = [];
  const aside = `${path}.corrupt-${new Date(now()).toISOString().replaceAll(":", "-")}`;
  const claim = await claimUnlessRefused(path, warnings);
  try {
    const file = readIfThere(path);
    const decoded = file === undefined ? NOTHING : decode(file);
    // Where nothing whole comes before the damage, the whole file is what was damaged.
    const kept = decoded.damage === "middle" || (decoded.damage === "tail" && decoded.writes.length === 0) ? NOTHING : decoded;
    const clean = (): void => {
      rmSync(`${path}.new`, { force: true });
      if (file === undefined || decoded.damage === "none") return;
      if (kept === NOTHING) renameSync(path, aside);
      else cutTail(path, file, kept.end, aside, log);
    };
    if (decoded.damage !== "none") warnings.push(describeDamage(path, aside, kept));
    if (claim !== undefined) clean();
    const claimLater = async (): Promise<Claim> => {
      const late = await makeFolderAndClaim(path);
      clean();
      return late;
    };
    return { store: new Journal(path, log, { ...replay(kept), end: kept.end, claim, claimLater }), warnings };
  } catch (error) {
    claim?.release();
    throw error;
  }
}

async function claimUnlessRefused(path: string, warnings: string[]): Promise<Claim | undefined> {
  try {
    return await makeFolderAndClaim(path);
  } catch (cause) {
    if (cause instanceof RindError) throw cause;
    const code = errorCode(cause);
    if (code !== "EROFS" && code !== "ENOSPC" && code !== "EDQUOT" && code !== "EIO") throw unusable(path, cause);
    warnings.push(`nothing can be stored in ${path} now (${code}): states stand in memory, and are stored when the disk takes them`);
    return undefined;
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw unusable(path, cause);
  }
}

function cutTail(path: string, file: Buffer, end: number, aside: string, log: DaemonLog): void {
  try {
    writeFileSync(aside, file.subarray(end), { mode: 0o600 });
  } catch (err) {
    log.warn({ err, path: aside }, "the damaged tail could not be kept");
  }
  truncateSync(path, end);
}

function describeDamage(path: string, aside: string, kept: Decoded): string {
  return kept === NOTHING
    ? `the state file ${path} is damaged: it was put aside as ${aside}, and nothing of it is taken over`
    : `the end of the state file ${path} is damaged: it was cut off and kept as ${aside}; what comes before it is taken over`;
}

function replay({ writes }: Decoded): { entries: Map<string, Json>; sizes: Map<string, number>; live: number } {
  const entries = new Map<string, Json>();
  const sizes = new Map<string, number>();
  for (const { key, value, size } of writes) {
    if (value === undefined) {
      entries.delete(key);
      sizes.delete(key);
    } else {
      entries.set(key, value);
      sizes.set(key, size);
    }
  }
  let live = 0;
  for (const size of sizes.values()) live += size;
  return { entries, sizes, live };
}

function unusable(path: string, cause: unknown): UnusableError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new UnusableError(`the state file ${path} cannot be used: ${why}`, {
    cause,
    hint: "set RIND_STATE_PATH to a file that this user may read and write",
  });
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
