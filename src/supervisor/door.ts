import type { Fact, FactBody } from "../model/fact.ts";
import type { History } from "./history.ts";

/** What comes from outside: a client's call, a process, a timer. */
export interface OutsideEvent {
  /** For people: what came, from whom. */
  readonly what: string;
  /** Ids of the facts that it goes back to: an exit goes back to its start. Asked when its turn comes. */
  readonly causes?: () => readonly number[];
  /** What it does, inside of the transaction. `cause` is the id of its own fact. What it throws goes to `failed`. */
  readonly act: (cause: number) => void;
  /** Called at the end of the transaction with all its facts, unless `act` threw. */
  readonly done?: (facts: readonly Fact[]) => void;
  readonly failed?: (error: unknown) => void;
}

/** What one round of a transaction does; provided by the supervisor. */
export interface Rounds {
  /** Judges all guards that were marked and tells the actors. */
  judge(): void;
  /** Takes what waits inside the transaction: all phase changes, else one change of a hook. False where nothing waits. */
  next(): boolean;
  /** Drops what waits: the transaction has gone on for too many rounds. */
  cut(rounds: number): void;
  /** After the last round, before the next outside event. */
  ended(facts: readonly Fact[]): void;
  /** A fault in Rind itself, or in `done`: is logged, and ends nothing. */
  fault(error: unknown, what: string): void;
}

const MAX_ROUNDS = 10_000;

/**
 * The one door of all outside events (SPEC 5, Transactions): they are taken one at a time, in order of arrival, and each is carried
 * through its rounds to the end before the next. What arrives meanwhile waits in a queue, and is looped over, never recursed into.
 */
export class Door {
  readonly #history: History;
  readonly #rounds: Rounds;
  readonly #queue: OutsideEvent[] = [];
  #facts: Fact[] = [];
  #open = false;

  constructor(history: History, rounds: Rounds) {
    this.#history = history;
    this.#rounds = rounds;
  }

  submit(event: OutsideEvent): void {
    this.#queue.push(event);
    if (!this.#open) this.#drain();
  }

  /** What is submitted meanwhile waits until `work` has returned: a burst is carried through in one go. */
  together(work: () => void): void {
    if (this.#open) {
      work();
      return;
    }
    this.#open = true;
    try {
      work();
    } finally {
      this.#drain();
    }
  }

  #drain(): void {
    this.#open = true;
    try {
      // an index instead of shift(): a shift costs the length of the queue
      for (let i = 0; i < this.#queue.length; i++) {
        const next = this.#queue[i];
        if (next !== undefined) this.#run(next);
      }
    } finally {
      this.#queue.length = 0;
      this.#open = false;
    }
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Records a fact of the transaction that is open. */
  record(body: FactBody, cause: readonly number[]): Fact {
    const fact = this.#history.record(body, cause);
    this.#facts.push(fact);
    return fact;
  }

  #run(event: OutsideEvent): void {
    this.#history.openTransaction();
    this.#facts = [];
    let failure: { readonly error: unknown } | undefined;
    try {
      const { id } = this.record({ kind: "outside", what: event.what }, event.causes?.() ?? []);
      event.act(id);
    } catch (error) {
      failure = { error };
    }
    this.#guarded(event.what, () => this.#carry());
    const facts = this.#facts;
    this.#guarded(event.what, () => this.#rounds.ended(facts));
    this.#guarded(event.what, () => {
      if (failure === undefined) event.done?.(facts);
      else if (event.failed !== undefined) event.failed(failure.error);
      else this.#rounds.fault(failure.error, event.what);
    });
  }

  #carry(): void {
    this.#rounds.judge();
    for (let rounds = 1; this.#rounds.next(); rounds++) {
      if (rounds >= MAX_ROUNDS) {
        this.#rounds.cut(rounds);
        return;
      }
      this.#rounds.judge();
    }
  }

  #guarded(what: string, work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#rounds.fault(error, what);
    }
  }
}
