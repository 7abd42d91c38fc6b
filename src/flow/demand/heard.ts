import type { Fact, SignalFact } from "../../model/fact.ts";
import type { Reach } from "./count.ts";
import type { PlannedRequest } from "./listening.ts";
import type { Pull } from "./order-guard.ts";

/** A start that somebody asks for by hand. */
export interface HandStart {
  readonly key: string;
  readonly force: boolean;
  readonly cause: number;
  readonly reason: string;
}

/** What a guard has heard since it judged last: of ten thousand most have heard nothing most of the time, and have none of these. */
export class Heard {
  readonly signals: (Fact & SignalFact)[] = [];
  readonly planned: PlannedRequest[] = [];
  readonly handStarts: HandStart[] = [];
  /** Pulls for who waits already: a partner that has come, a list that a reload has changed. */
  readonly latePulls: { readonly key: string; readonly pull: Pull }[] = [];
  #dirty: Map<string, number> | undefined;
  #allDirty: number | undefined;

  /** These instances must be judged anew, because of the fact `cause`. */
  mark(reach: Reach, cause: number): void {
    if (reach.kind === "all") this.#allDirty = cause;
    else {
      this.#dirty ??= new Map();
      this.#dirty.set(reach.key, cause);
    }
  }

  /** The instances that must be judged anew, each with the fact that it goes back to. `everybody`: the keys of all, asked where all are meant. */
  touched(everybody: () => Iterable<string>): ReadonlyMap<string, number> | undefined {
    if (this.#allDirty === undefined) return this.#dirty;
    const touched = new Map<string, number>();
    for (const key of everybody()) touched.set(key, this.#allDirty);
    this.#dirty?.forEach((cause, key) => touched.set(key, cause));
    return touched;
  }
}
