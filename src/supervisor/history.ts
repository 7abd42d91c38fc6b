import type { Fact, FactBody } from "../model/fact.ts";
import { keptFact } from "./kept-payload.ts";

/** After so many facts of one transaction the time is read anew: some ten microseconds. */
const FACTS_PER_LOOK = 16;

/**
 * Gives facts their numbers and keeps the newest of them, so that `trace` and `why` can go from a start back to what came from
 * outside. Ids grow by one; a cause always has a smaller id than what it caused.
 */
export class History {
  readonly #ring: Fact[] = [];
  readonly #capacity: number;
  readonly #now: () => number;
  #nextId = 1;
  #tx = 0;
  #time = 0;

  constructor(capacity: number, now: () => number) {
    this.#capacity = capacity;
    this.#now = now;
  }

  openTransaction(): void {
    this.#tx++;
    this.#time = this.#now();
  }

  get nextId(): number {
    return this.#nextId;
  }

  /** The fact with its place in history. What is returned is whole; what is remembered of a large payload is its beginning. */
  record(body: FactBody, cause: readonly number[]): Fact {
    const id = this.#nextId++;
    // looked up now and then: what is at once has one time, and two clocks are read for each look
    if (id % FACTS_PER_LOOK === 0) this.#time = this.#now();
    const fact = placed(body, id, this.#tx, this.#time, cause);
    this.#ring[id % this.#capacity] = keptFact(fact);
    return fact;
  }

  get(id: number): Fact | undefined {
    const fact = this.#ring[id % this.#capacity];
    return fact?.id === id ? fact : undefined;
  }

  /** The newest `count` facts that `accepts`, oldest first. */
  last(count: number, accepts: (fact: Fact) => boolean = () => true): readonly Fact[] {
    const found: Fact[] = [];
    const oldest = Math.max(1, this.#nextId - this.#capacity);
    for (let id = this.#nextId - 1; id >= oldest && found.length < count; id--) {
      const fact = this.get(id);
      if (fact !== undefined && accepts(fact)) found.push(fact);
    }
    return found.reverse();
  }

  /** All that led to these facts, as far as it is remembered, and the facts themselves; oldest first. */
  withCauses(ids: Iterable<number>): readonly Fact[] {
    const found = new Map<number, Fact>();
    const open = [...ids];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const fact = found.has(id) ? undefined : this.get(id);
      if (fact === undefined) continue;
      found.set(id, fact);
      open.push(...fact.cause);
    }
    return [...found.values()].sort((a, b) => a.id - b.id);
  }

  /** The way from the outside event to one fact, one cause a step: the newest one where there are several. */
  chainTo(id: number): readonly Fact[] {
    const chain: Fact[] = [];
    for (let fact = this.get(id); fact !== undefined; fact = this.get(Math.max(0, ...fact.cause))) chain.push(fact);
    return chain.reverse();
  }

  /** Whether something that came about since the fact `since` and that `accepts` is among the causes of `id`, itself included. */
  goesBackTo(id: number, since: number, accepts: (fact: Fact) => boolean): Fact | undefined {
    const seen = new Set<number>();
    const open = [id];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at < since || seen.has(at)) continue;
      seen.add(at);
      const fact = this.get(at);
      if (fact === undefined) continue;
      if (accepts(fact)) return fact;
      open.push(...fact.cause);
    }
    return undefined;
  }
}

/** One object literal for each kind: a spread of a union costs ten times as much, and this is done for every fact. */
function placed(body: FactBody, id: number, tx: number, time: number, cause: readonly number[]): Fact {
  switch (body.kind) {
    case "state":
      return { kind: "state", name: body.name, key: body.key, before: body.before, after: body.after, id, tx, time, cause };
    case "signal":
      return { kind: "signal", name: body.name, payload: body.payload, id, tx, time, cause };
    case "phase":
      return { kind: "phase", instance: body.instance, from: body.from, to: body.to, reason: body.reason, id, tx, time, cause };
    case "request":
      return { kind: "request", action: body.action, instance: body.instance, reason: body.reason, id, tx, time, cause };
    case "outside":
      return { kind: "outside", what: body.what, id, tx, time, cause };
  }
}
