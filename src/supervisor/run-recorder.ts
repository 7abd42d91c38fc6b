import { UNJUDGED } from "../flow/demand/demand.ts";
import type { Json } from "../model/json.ts";
import type { Store } from "../persist/store.ts";
import type { Guards } from "./guards.ts";
import type { Instance } from "./instance.ts";
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

  constructor(runs: RecordedRuns) {
    this.#runs = runs;
  }

  phase({ name }: Instance): void {
    this.#changed.add(name);
  }

  /** To be called at the end of each transaction. */
  write(): void {
    if (this.#changed.size === 0) return;
    this.#runs.store.append([...this.#changed].map((name) => recordWrite(name, this.#recordOf(name))));
    this.#changed.clear();
  }

  #recordOf(name: string): Json | undefined {
    const { instances, guards, pidStart } = this.#runs;
    const instance = instances.get(name);
    if (instance === undefined) return undefined;
    const judgement = guards.get(instance.service)?.judgements.get(instance.key) ?? UNJUDGED;
    return recordOf(instance, judgement, pidStart);
  }
}
