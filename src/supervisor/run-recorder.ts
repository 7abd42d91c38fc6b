import { UNJUDGED } from "../flow/demand/demand.ts";
import { equalJson } from "../flow/payload.ts";
import type { Json } from "../model/json.ts";
import type { Store, StoreWrite } from "../persist/store.ts";
import type { InstanceContext } from "../service/instance-context.ts";
import type { Guards } from "./guards.ts";
import type { Instance, RunningProcess } from "./instance.ts";
import type { InstanceObserver, Instances } from "./instances.ts";
import { recordOf, recordWrite } from "./run-records.ts";

export interface RecordedRuns {
  readonly store: Store;
  readonly instances: Instances;
  readonly guards: Guards;
  /** Tells a process from a later one with the same pid; undefined where there is no such process. */
  readonly pidStart: (pid: number) => string | undefined;
}

/** Keeps the run records of what has changed its phase: once for each transaction, however often that was. */
export class RunRecorder implements InstanceObserver {
  readonly #runs: RecordedRuns;
  readonly #changed = new Set<string>();
  /** When each process has begun: looked up once. */
  readonly #starts = new WeakMap<RunningProcess, string>();

  constructor(runs: RecordedRuns) {
    this.#runs = runs;
  }

  phase({ name }: Instance): void {
    this.#changed.add(name);
  }

  /** Its process is there, and it is not ready yet. */
  flags({ name, context }: Instance, before: InstanceContext): void {
    if (context.up !== before.up) this.#changed.add(name);
  }

  /** To be called at the end of each transaction. */
  write(): void {
    if (this.#changed.size === 0) return;
    const { store } = this.#runs;
    const writes: StoreWrite[] = [];
    for (const name of this.#changed) {
      const write = recordWrite(name, this.#recordOf(name));
      // what begins to start has no process yet, and mostly nothing to be forgotten; one that becomes ready is the process that it was
      if (!equalJson(write.value, store.entries.get(write.key))) writes.push(write);
    }
    this.#changed.clear();
    if (writes.length > 0) store.append(writes);
  }

  #recordOf(name: string): Json | undefined {
    const { instances, guards } = this.#runs;
    const instance = instances.get(name);
    if (instance === undefined) return undefined;
    const judgement = guards.get(instance.service)?.judgements.get(instance.key) ?? UNJUDGED;
    return recordOf(instance, judgement, (process) => this.#startOf(process));
  }

  #startOf(process: RunningProcess): string {
    const known = this.#starts.get(process);
    if (known !== undefined) return known;
    const start = this.#runs.pidStart(process.handle.pid) ?? "";
    this.#starts.set(process, start);
    return start;
  }
}
