import { type Judgement, UNJUDGED } from "../flow/demand/demand.ts";
import type { Exit } from "../model/exit.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { splitInstance } from "../model/name.ts";
import type { Store, StoreWrite } from "../persist/store.ts";
import type { EndedRun, Outcome } from "../service/instance-context.ts";
import { entriesOf } from "./durable.ts";
import type { Instance, RunningProcess } from "./instance.ts";

/**
 * What a daemon that follows one that died must know of each run (SPEC 6.1: it is no boot): which processes may still be there,
 * and what had ended for good and must stay down until something rises anew. An orderly end of the daemon leaves none.
 */
export interface RunRecord {
  /** The process that was up, if one was; `pidStart` tells it from a later process with the same pid. */
  readonly process: { readonly pid: number; readonly pidStart: string } | undefined;
  /** How it had ended for good; with a process: how it was to end, as it was asked to stop. */
  readonly ended: EndedRun | undefined;
  /** Why it had no process and was to get one: it was blocked, or between two tries. */
  readonly waiting: string | undefined;
  readonly kept: KeptDown;
}

/** What keeps an instance down, or is to bring it back. */
type KeptDown = Pick<Judgement, "stopped" | "held">;

export function recordOf(
  { phase, context, process }: Instance,
  { stopped, held }: KeptDown,
  pidStart: (process: RunningProcess) => string,
): Json | undefined {
  const { reason, outcome, exit, retries, then } = context;
  if (phase === "exited" || phase === "failed")
    return { phase, reason, outcome, retries, exit: exit === undefined ? null : { ...exit }, stopped, held };
  if (phase === "blocked" || phase === "backoff") return { waiting: reason };
  if (process === undefined) return stopped || held ? { stopped, held } : undefined;
  const up = { pid: process.handle.pid, pidStart: pidStart(process) };
  return phase === "stopping" && then === "rest" ? { ...up, phase: "exited", outcome: "stopped", reason, retries, stopped, held } : up;
}

export function recordWrite(instance: string, record: Json | undefined): StoreWrite {
  return { key: `run ${instance}`, value: record };
}

/** The records by service, and under it by key. */
export type StoredRuns = ReadonlyMap<string, ReadonlyMap<string, RunRecord>>;

export function storedRuns(store: Store): StoredRuns {
  const runs = new Map<string, Map<string, RunRecord>>();
  for (const [instance, value] of entriesOf(store, "run")) {
    const { service, key } = splitInstance(instance);
    const ofService = runs.get(service);
    if (ofService === undefined) runs.set(service, new Map([[key, readRecord(value)]]));
    else ofService.set(key, readRecord(value));
  }
  return runs;
}

function readRecord(value: Json): RunRecord {
  if (!isJsonObject(value)) return { process: undefined, ended: undefined, waiting: undefined, kept: UNJUDGED };
  const { pid, pidStart, phase, reason, outcome, retries, exit, stopped, held } = value;
  const waiting = typeof value["waiting"] === "string" ? value["waiting"] : undefined;
  const process = typeof pid === "number" && typeof pidStart === "string" ? { pid, pidStart } : undefined;
  const kept = { stopped: stopped === true, held: held === true };
  if (phase !== "exited" && phase !== "failed") return { process, ended: undefined, waiting, kept };
  const ended: EndedRun = {
    phase,
    reason: typeof reason === "string" ? reason : "",
    outcome: outcome === "success" || outcome === "failure" || outcome === "stopped" ? (outcome satisfies Outcome) : "none",
    retries: typeof retries === "number" ? retries : 0,
    exit: isJsonObject(exit ?? null) ? (exit as Exit) : undefined, // written by recordOf
  };
  return { process, ended, waiting, kept };
}
