import type { Fact, StateFact } from "../../model/fact.ts";
import type { Json } from "../../model/json.ts";
import { instanceName } from "../../model/name.ts";
import type { OrderItem, RequiredItem, ServiceDecl } from "../../model/unit-set.ts";
import { type Literal, serviceState } from "../condition.ts";
import { ownField } from "../payload.ts";
import { Count, keyIn, type Reach } from "./count.ts";
import { countListening, type Listening, type PlannedRequest } from "./listening.ts";
import { asksForProcess, BORN, flagOf, followsLoss, LOST, type Neighbours, type OrderEntry, orderEntries, RUN } from "./order-lists.ts";

/** What the order of a service asks of the world around it. */
export interface OrderWorld extends Neighbours {
  branches(state: string): Iterable<Json>;
  /** The row of one instance in the hidden state of its service. */
  instance(service: string, key: string): Json | undefined;
  /** Number of the fact with which the last run of an instance of this service began; 0: there was none. */
  runOf(key: string): number;
}

/** What is about to happen in the round that is being judged, and not yet in the store. */
export interface Round {
  /** Keys of the instances of a service that are told to start. */
  starting(service: string): Iterable<string>;
  /** Keys of those that are told to end, be it for a moment, or that have been told so just now. */
  ending(service: string): Iterable<string>;
}

/** Somebody who starts asks for another to be up. */
export interface Pull {
  readonly item: OrderItem;
  /** undefined: all instances that are present. */
  readonly key: string | undefined;
  readonly cause: number;
  readonly reason: string;
}

/** Told while facts are delivered. */
export interface OrderEars {
  /** What these instances wait for has changed. */
  touched(reach: Reach, cause: number): void;
  /** What a service requires was lost, or is back with a new run. */
  planned(request: PlannedRequest): void;
  /** A partner of the instance `key` has come. */
  partner(key: string, pull: Pull): void;
}

/**
 * `after`, `requires` and `wants` of one service, for all its instances (SPEC 6.2). What is fulfilled is counted; what is lost and
 * what is back with a new run is heard, as both are changes: who came up without the other, or beside an instance that never ran, has
 * lost nothing.
 */
export class OrderGuard {
  readonly listens: readonly Listening[];
  readonly #decl: ServiceDecl;
  readonly #world: OrderWorld;
  readonly #entries: readonly OrderEntry<Count>[];
  /** By what is asked: the number of the run in which each instance was as asked last. */
  #runs: Map<string, Map<Json | undefined, Json | undefined>> | undefined;

  /** `before`: the order that a reload has replaced, which knows the runs of what is not as asked just now. */
  constructor(decl: ServiceDecl, world: OrderWorld, ears: OrderEars, before: OrderGuard | undefined) {
    this.#decl = decl;
    this.#world = world;
    const counts: Count[] = [];
    const count = (literal: Literal): Count => {
      const made = new Count(literal, "json", decl.branching?.key);
      for (const row of world.branches(literal.state)) made.add(row);
      counts.push(made);
      return made;
    };
    this.#entries = orderEntries(decl, world).map((entry) => ({ ...entry, literals: entry.literals.map(count) }));
    const touched = (reach: Reach, cause: number): void => ears.touched(reach, cause);
    this.listens = [
      ...counts.map((made) => countListening(made, undefined, touched)),
      ...decl.requires.flatMap((item) => [...this.#losses(item, ears), ...this.#renewals(item, ears, before)]),
      ...this.#entries.flatMap((entry) => this.#partners(entry, ears)),
    ];
  }

  /** It waits for nobody, and pulls in nobody. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Whether everything is fulfilled, as far as the store says. */
  holds(key: string): boolean {
    return this.#entries.every(({ literals }) => literals.every((count) => count.holds(key)));
  }

  /**
   * Whether the store says it too early: what is wanted is told to start in this round, or what is required is told to end in it. The
   * next round knows better.
   */
  isPremature(key: string, round: Round): boolean {
    return this.#entries.some(({ item, pairs, kind }) => {
      const { service, is } = item;
      const concerned = (keys: Iterable<string>): string[] => (pairs ? [...keys].filter((other) => other === key) : [...keys]);
      if (kind !== "wants") return asksForProcess(is) && concerned(round.ending(service)).length > 0;
      return concerned(round.starting(service)).some((other) => !this.#isAsAsked(item, other));
    });
  }

  /** Whom a start of the instance pulls in: all that is not as asked already. An item that asks for an end pulls nothing. */
  pulls(key: string, cause: number): readonly Pull[] {
    return this.#entries.flatMap(({ item, pairs, kind }) => {
      if (kind === "after" || item.is === "failed" || item.is === "stopped") return [];
      return [this.#pull(item, pairs ? key : undefined, key, kind, cause)];
    });
  }

  #pull(item: OrderItem, key: string | undefined, puller: string, kind: string, cause: number): Pull {
    return { item, key, cause, reason: `pulled in by ${instanceName(this.#decl.name, puller)} (${kind})` };
  }

  #isAsAsked({ service, is }: OrderItem, key: string): boolean {
    return ownField(this.#world.instance(service, key), flagOf(is)) === true;
  }

  #losses(item: RequiredItem, ears: OrderEars): readonly Listening[] {
    if (!followsLoss(item)) return [];
    const isLost = (row: Json | undefined): boolean =>
      ownField(row, LOST) === true &&
      (asksForProcess(item.is) || (ownField(row, flagOf("stopped")) === true && ownField(row, flagOf(item.is)) !== true));
    return [
      onRows(item.service, ({ before, after, id }) => {
        if (before === undefined || after === undefined || isLost(before) || !isLost(after)) return;
        const reason = `${nameIn(after)}, which it requires, ${endOf(after)}`;
        // who started before the instance was there did not start because of it
        ears.planned({ request: "wait", payload: after, cause: id, reason, since: Number(ownField(after, BORN)) });
      }),
    ];
  }

  /** A new run of what is required, once it is as asked: told apart from the run before by its number. */
  #renewals(item: RequiredItem, ears: OrderEars, before: OrderGuard | undefined): readonly Listening[] {
    if (item.onLoss !== "restart") return [];
    const asked = `${flagOf(item.is)} ${item.service}`;
    const runs = new Map(before === undefined ? [] : before.#runs?.get(asked));
    this.#runs ??= new Map();
    this.#runs.set(asked, runs);
    const renewed = (row: Json): boolean => {
      if (ownField(row, flagOf(item.is)) !== true) return false;
      const id = ownField(row, "~id");
      const before = runs.get(id);
      const now = ownField(row, RUN);
      runs.set(id, now);
      return before !== undefined && before !== now;
    };
    for (const row of this.#world.branches(serviceState(item.service))) renewed(row);
    return [
      onRows(item.service, ({ before, after, id }) => {
        if (after === undefined) runs.delete(ownField(before, "~id"));
        else if (renewed(after))
          ears.planned({
            request: "renew",
            payload: after,
            cause: id,
            reason: `${nameIn(after)}, which it requires, was restarted`,
            since: 0,
          });
      }),
    ];
  }

  #partners({ item, pairs, kind }: OrderEntry<Count>, ears: OrderEars): readonly Listening[] {
    if (!pairs || kind === "after") return [];
    return [
      onRows(item.service, ({ before, after, id }) => {
        const key = before === undefined && after !== undefined ? keyIn(after, this.#decl.branching?.key) : undefined;
        if (key !== undefined) ears.partner(key, this.#pull(item, key, key, kind, id));
      }),
    ];
  }
}

function onRows(service: string, next: (fact: Fact & StateFact) => void): Listening {
  return { kind: "state", name: serviceState(service), key: undefined, next };
}

function nameIn(row: Json): string {
  const name = ownField(row, "~id");
  return typeof name === "string" ? name : "";
}

function endOf(row: Json): string {
  if (ownField(row, flagOf("failed")) === true) return "has failed";
  return ownField(row, flagOf("stopped")) === true ? "has ended" : "is to stop";
}
