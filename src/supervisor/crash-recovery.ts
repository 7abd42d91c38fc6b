import { type Judgement, UNJUDGED } from "../flow/demand/demand.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { EndedRun } from "../service/instance-context.ts";
import type { StoredRuns } from "./run-records.ts";

/** What the runs of a daemon that died mean for the instances of one service (SPEC 6.1: what follows it is no boot). */
export interface Recalled {
  /** Instances that had ended for good: they stay as they are until something rises anew. */
  readonly ended: ReadonlyMap<string, EndedRun>;
  /** Keys of the instances that were up, and whose policy starts them again: an exit code that cannot be known counts as a failure. */
  readonly again: readonly string[];
  /** Instances that waited, and why: they wait on. */
  readonly waiting: ReadonlyMap<string, string>;
  /** What counts as known already, so that only a rise is an edge. */
  readonly known: ReadonlyMap<string, Judgement>;
}

const KNOWN: Judgement = { ...UNJUDGED, level: true, guard: true };

export function recall(decl: ServiceDecl, runs: StoredRuns): Recalled {
  const ended = new Map<string, EndedRun>();
  const again: string[] = [];
  const waits = new Map<string, string>();
  const known = new Map<string, Judgement>();
  for (const [key, { process, ended: end = process && lostRun(decl), waiting, kept }] of runs.get(decl.name) ?? []) {
    if (end !== undefined) ended.set(key, end);
    else if (process !== undefined) again.push(key);
    if (waiting !== undefined) waits.set(key, waiting);
    if (waiting !== undefined) known.set(key, { ...KNOWN, wanted: true });
    else if (end !== undefined || kept.stopped || kept.held) known.set(key, { ...KNOWN, ...kept, blocked: kept.held });
  }
  return { ended, again, waiting: waits, known };
}

function lostRun(decl: ServiceDecl): EndedRun | undefined {
  if (decl.restart.on !== "never") return undefined;
  return { phase: "failed", reason: "its daemon died, and how it ended is not known", outcome: "failure", exit: undefined, retries: 0 };
}
