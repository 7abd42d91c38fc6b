import { config, type Observable, Subject, type Subscription } from "rxjs";
import type { Listening } from "../flow/demand/listening.ts";
import type { Fact, PhaseFact, SignalFact, StateFact } from "../model/fact.ts";
import { Topics } from "./topics.ts";

/**
 * Carries facts to those whom they concern; holds nothing.
 *
 * States are topics by name, and by name and branch key: ten thousand listeners who each wait for one branch of the same state
 * cost nothing to a change of another branch. Batches are delivered whole, one after the other (RxJS itself would deliver a
 * publication from inside a subscriber depth first); `settled` is told after each, so that listeners who count can mark on the
 * facts and judge on the boundary.
 */
export class Bus {
  readonly #states = new Topics<Fact & StateFact>();
  readonly #branches = new Topics<Fact & StateFact>();
  readonly #signals = new Topics<Fact & SignalFact>();
  readonly #phases = new Topics<Fact & PhaseFact>();
  readonly #settled = new Subject<readonly Fact[]>();
  readonly #queue: (readonly Fact[])[] = [];
  #delivering = false;

  /** Each batch, after all topics have heard it. */
  readonly settled: Observable<readonly Fact[]> = this.#settled.asObservable();

  /** Changes of any branch of a state. */
  state(name: string): Observable<Fact & StateFact> {
    return this.#states.topic(name);
  }

  /** Changes of one branch of a state. */
  branch(name: string, key: string): Observable<Fact & StateFact> {
    return this.#branches.topic(branchTopic(name, key));
  }

  signal(name: string): Observable<Fact & SignalFact> {
    return this.#signals.topic(name);
  }

  /** Phase changes of one instance. */
  phase(instance: string): Observable<Fact & PhaseFact> {
    return this.#phases.topic(instance);
  }

  /** Subscribes one of the listenings of a guard: to the name, or by branch where it names one whole. */
  listen(listening: Listening): Subscription {
    if (listening.kind === "signal") return this.#signals.subscribe(listening.name, listening);
    if (listening.key === undefined) return this.#states.subscribe(listening.name, listening);
    return this.#branches.subscribe(branchTopic(listening.name, listening.key), listening);
  }

  publish(batch: readonly Fact[]): void {
    this.#queue.push(batch);
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        for (const fact of next) this.#deliver(fact);
        this.#settled.next(next);
      }
    } finally {
      this.#delivering = false;
    }
  }

  #deliver(fact: Fact): void {
    switch (fact.kind) {
      case "state":
        this.#states.publish(fact.name, fact);
        if (this.#branches.size > 0) this.#branches.publish(branchTopic(fact.name, fact.key), fact);
        return;
      case "signal":
        this.#signals.publish(fact.name, fact);
        return;
      case "phase":
        this.#phases.publish(fact.instance, fact);
        return;
      case "request":
      case "outside":
        return;
    }
  }
}

/** Neither names nor the separator can hold a line feed, so the two parts cannot run into each other. */
function branchTopic(name: string, key: string): string {
  return `${name}\n${key}`;
}

/**
 * RxJS reports what a subscriber throws from a timer of its own, as an uncaught exception: for PID 1 that would be the end.
 * Sends it to `report` instead. Process-wide, as RxJS keeps it.
 */
export function reportUnhandledErrors(report: (error: unknown) => void): void {
  config.onUnhandledError = report;
}
