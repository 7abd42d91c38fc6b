import type { Exit } from "../model/exit.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import { splitInstance } from "../model/name.ts";
import type { Store, StoreWrite } from "../persist/store.ts";
import type { EndedRun, Outcome } from "../service/instance-context.ts";
import { entriesOf } from "./durable.ts";
import type { Instance } from "./instance.ts";

/**
 * What a daemon that follows one that died must know of each run (SPEC 6.1: it is no boot): which processes may still be there,
 * and what had ended for good and must stay down until something rises anew. An orderly end of the daemon leaves none.
 */
export interface RunRecord {
  /** The process that was up, if one was; `pidStart` tells it from a later process with the same pid. */
  readonly process: { readonly pid: number; readonly pidStart: string } | undefined;
  readonly ended: EndedRun | undefined;
}

export function recordOf(instance: Instance, pidStart: (pid: number) => string | undefined): Json | undefined {
  const { phase, context, process } = instance;
  if (phase === "exited" || phase === "failed") {
    const { reason, outcome, exit, retries } = context;
    return { phase, reason, outcome, retries, exit: exit === undefined ? null : { ...exit } };
  }
  if (process === undefined) return undefined;
  const { pid } = process.handle;
  return { pid, pidStart: pidStart(pid) ?? "" };
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
  if (!isJsonObject(value)) return { process: undefined, ended: undefined };
  const { pid, pidStart, phase, reason, outcome, retries, exit } = value;
  if (typeof pid === "number" && typeof pidStart === "string") return { process: { pid, pidStart }, ended: undefined };
  if (phase !== "exited" && phase !== "failed") return { process: undefined, ended: undefined };
  const ended: EndedRun = {
    phase,
    reason: typeof reason === "string" ? reason : "",
    outcome: outcome === "success" || outcome === "failure" || outcome === "stopped" ? (outcome satisfies Outcome) : "none",
    retries: typeof retries === "number" ? retries : 0,
    exit: isJsonObject(exit ?? null) ? (exit as Exit) : undefined, // written by recordOf
  };
  return { process: undefined, ended };
}
