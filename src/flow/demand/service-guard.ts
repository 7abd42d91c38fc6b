import type { Fact, SignalFact, StateFact } from "../../model/fact.ts";
import type { Json } from "../../model/json.ts";
import { WHOLE } from "../../model/name.ts";
import type { PayloadKind, ServiceDecl } from "../../model/unit-set.ts";
import type { Literal } from "../condition.ts";
import { describeLiteral } from "../describe.ts";
import { matches } from "../payload.ts";
import { Count, keyIn, type Reach } from "./count.ts";
import { type Demand, type Judgement, UNJUDGED } from "./demand.ts";
import { type Alternative, type GuardLists, guardLists, mapLists } from "./guard-lists.ts";
import { judgeStates } from "./judge-states.ts";
import { admitsKey } from "./key-filter.ts";
import { type Listening, type PlannedRequest, plannedListenings, requiredListenings } from "./listening.ts";
import { Places } from "./places.ts";

/** What a guard asks of the world around it. All of it is read at construction or while judging, never kept. */
export interface GuardWorld {
  branches(state: string): Iterable<Json>;
  kindOf(state: string): PayloadKind;
  /** The key of the one branch that a literal is about, if it names one whole. */
  topicKey(literal: Literal): string | undefined;
  /** The key field of a branching service. */
  keyFieldOf(service: string): string | undefined;
  variable(name: string): Json | undefined;
  /** Whether everything that `transport` requires resolves for this instance. */
  transportResolves(key: string): boolean;
}

/**
 * `start-on`, `stop-on`, `after`, `branching` of one service, for all its instances (SPEC 5, 6.1, 6.7).
 *
 * It marks while facts are delivered and judges once the round is settled; it asks nothing of the store then, as it keeps counts.
 * What it says is what should be: whether there is a process is the machine's business, which tells it only `down`.
 *
 * Invariants: every instance in `#judged` exists (its branch is there and no filter excepts it); a wanted instance of a service
 * with `max-instances` has a place or waits for one; a demand `gate` is told exactly when the gate of a wanted instance changes.
 */
export class ServiceGuard {
  readonly decl: ServiceDecl;
  readonly listens: readonly Listening[];
  readonly #world: GuardWorld;
  readonly #lists: GuardLists<Count>;
  readonly #field: string | undefined;
  readonly #places: Places;
  readonly #judged = new Map<string, Judgement>();
  readonly #ages = new Map<string, number>();
  #nextAge = 0;
  /** `rind stop` by the plain name of a branching service: no condition starts any instance. */
  #stoppedWhole = false;

  readonly #dirty = new Map<string, number>();
  #allDirty: number | undefined;
  #signals: (Fact & SignalFact)[] = [];
  #planned: PlannedRequest[] = [];
  readonly #onMark: () => void;

  /**
   * `onMark` is called whenever there is something to judge. The first judgement, of everything, is due at once, as the consequence
   * of the fact `cause`; `before`: what was so counts as known, and only what rises is an edge.
   */
  constructor(
    decl: ServiceDecl,
    world: GuardWorld,
    onMark: () => void,
    cause: number,
    before?: ServiceGuard | ReadonlyMap<string, Judgement>,
  ) {
    this.decl = decl;
    this.#world = world;
    this.#onMark = onMark;
    this.#field = decl.branching?.key;
    this.#places = new Places(decl.branching?.maxInstances ?? Number.POSITIVE_INFINITY);
    const counts: Count[] = [];
    this.#lists = mapLists(guardLists(decl, world.keyFieldOf), (literal) => {
      const count = new Count(literal, world.kindOf(literal.state), this.#field);
      for (const payload of world.branches(literal.state)) count.add(payload);
      counts.push(count);
      return count;
    });
    const touch = (payload: Json, cause: number): void => {
      this.#mark(this.#reachOf(payload), cause);
      this.#onMark();
    };
    const plan = (request: PlannedRequest): void => {
      this.#planned.push(request);
      this.#onMark();
    };
    this.listens = [
      ...counts.map((count) => this.#listenTo(count)),
      ...this.#signalListenings(),
      ...requiredListenings(decl, touch),
      ...plannedListenings(decl, (name) => world.kindOf(name), plan),
    ];
    if (before !== undefined) this.#takeOver(before);
    this.#allDirty = cause;
  }

  /** Everything must be judged anew, because of the fact `cause`: a variable has changed. */
  markAll(cause: number): void {
    this.#allDirty = cause;
    this.#onMark();
  }

  get judgements(): ReadonlyMap<string, Judgement> {
    return this.#judged;
  }

  /** Keys of the instances that should exist, oldest branch first. */
  keys(): Iterable<string> {
    return this.#judged.keys();
  }

  /** Branches of the source state that carry no key, and so make no instance. */
  get keyless(): number {
    return this.#lists.source?.loose ?? 0;
  }

  get stoppedWhole(): boolean {
    return this.#stoppedWhole;
  }

  hasPlace(key: string): boolean {
    return this.#places.has(key);
  }

  /** Whether everything that must be so before a process may start is so. */
  isOpen(key: string): boolean {
    const judgement = this.#judged.get(key);
    return judgement !== undefined && this.#gate(key, judgement);
  }

  /** Judges what was marked, and says what follows from it. Stops come before starts. */
  judge(): readonly Demand[] {
    const touched = this.#touched();
    const signals = this.#signals;
    const planned = this.#planned;
    this.#allDirty = undefined;
    this.#dirty.clear();
    this.#signals = [];
    this.#planned = [];
    const demands: Demand[] = [];
    for (const [key, cause] of touched) if (!this.#exists(key)) this.#remove(key, cause, demands);
    const stopped = new Set<string>();
    for (const [key, cause] of touched) if (this.#exists(key)) this.#judgeStates(key, cause, stopped, demands);
    for (const signal of signals) this.#judgeSignal(signal, stopped, demands);
    for (const plan of planned) this.#judgePlanned(plan, demands);
    for (const [key, cause] of touched) this.#tellGate(key, cause, demands);
    return demands;
  }

  /** Somebody asks for a start by hand. `force`: `stop-on` is passed over. */
  startByHand(key: string, force: boolean): { readonly open: boolean } {
    this.#update(key, { wanted: true, held: false, forced: force });
    this.#places.ask(key, this.#ageOf(key));
    const open = this.isOpen(key);
    this.#update(key, { open });
    return { open };
  }

  /** Somebody asks for a stop by hand: it stays down until `start-on` rises or triggers anew. */
  stopByHand(key: string): void {
    this.#update(key, { wanted: false, held: false, forced: false });
  }

  /** A stop by the plain name of a branching service holds for every instance, present and to come. */
  setStoppedWhole(stopped: boolean): void {
    this.#stoppedWhole = stopped && this.#field !== undefined;
  }

  /** The instance has no process and none is coming. What ended by itself is no longer wanted; its place is free. */
  down(key: string, cause: number): void {
    this.#update(key, { wanted: false, forced: false });
    for (const next of this.#places.release(key)) this.#dirty.set(next, cause);
    if (this.#dirty.size > 0) this.#onMark();
  }

  #update(key: string, changes: Partial<Judgement>): void {
    const judgement = this.#judged.get(key);
    if (judgement !== undefined) this.#judged.set(key, { ...judgement, ...changes });
  }

  #exists(key: string): boolean {
    const { source, only, except } = this.#lists;
    if (source === undefined) return key === WHOLE;
    if (!source.has(key) || this.decl.branching === undefined) return false;
    return admitsKey(key, this.decl.branching, { only, except }, (name) => this.#world.variable(name));
  }

  #touched(): Map<string, number> {
    const touched = new Map<string, number>();
    if (this.#allDirty !== undefined) {
      for (const key of this.#lists.source?.keys() ?? [WHOLE]) touched.set(key, this.#allDirty);
      for (const key of this.#judged.keys()) touched.set(key, this.#allDirty);
    }
    for (const [key, cause] of this.#dirty) touched.set(key, cause);
    return touched;
  }

  #remove(key: string, cause: number, demands: Demand[]): void {
    if (!this.#judged.delete(key)) return;
    this.#ages.delete(key);
    const gone = !this.#lists.source?.has(key);
    demands.push(this.#demand(key, cause, "gone", gone ? `its branch of ${this.decl.branching?.sourceState} is gone` : "it is excepted"));
  }

  #judgeStates(key: string, cause: number, stopped: Set<string>, demands: Demand[]): void {
    const old = this.#judged.get(key) ?? UNJUDGED;
    if (!this.#judged.has(key)) {
      this.#ages.set(key, this.#nextAge++);
      if (key !== WHOLE) demands.push(this.#demand(key, cause, "appeared", `${this.decl.branching?.sourceState} has a branch for it`));
    }
    const blocker = this.#lists.stop.find((alternative) => alternative.signals.length === 0 && allHold(alternative, key));
    const seen = {
      level: this.#someHolds(this.#lists.start, key, (alternative) => alternative.signals.length === 0),
      guard: this.#someHolds(this.#lists.start, key, () => true),
      blocked: blocker !== undefined,
    };
    const { edge, judgement } = judgeStates(old, seen, this.decl.bound);
    this.#judged.set(key, judgement);
    if (edge === "blocked" || edge === "lost") {
      stopped.add(key);
      const holding = blocker?.literals.map((count) => describeLiteral(count.literal)).join(" and ");
      const reason = edge === "lost" ? "start-on no longer holds" : `stop-on holds: ${holding}`;
      if (old.wanted) demands.push(this.#demand(key, cause, "stop", reason));
    } else if (edge === "rose" || edge === "cleared") {
      this.#start(key, cause, undefined, edge === "rose" ? "start-on holds" : "stop-on no longer holds", demands);
    }
  }

  #judgeSignal(signal: Fact & SignalFact, stopped: Set<string>, demands: Demand[]): void {
    for (const key of this.#reachedBy(signal)) {
      const judgement = this.#judged.get(key);
      if (judgement === undefined) continue;
      if (this.#hits(this.#lists.stop, signal, key)) {
        stopped.add(key);
        this.#update(key, { wanted: false });
        const started = demands.findIndex((demand) => demand.key === key && demand.request === "start");
        if (started >= 0) demands.splice(started, 1);
        if (judgement.wanted) demands.push(this.#demand(key, signal.id, "stop", `stop-on holds: signal ${signal.name}`));
      } else if (this.#lists.start !== undefined && this.#hits(this.#lists.start, signal, key) && !judgement.blocked && !stopped.has(key)) {
        this.#start(key, signal.id, signal, `signal ${signal.name}`, demands);
      }
    }
  }

  #start(key: string, cause: number, signal: (Fact & SignalFact) | undefined, reason: string, demands: Demand[]): void {
    const { status } = this.decl;
    const allowed = status === "start" || (status === "ignore" && signal?.name === "rind@shutdown");
    if (!allowed || this.#stoppedWhole) return;
    this.#update(key, { wanted: true });
    this.#places.ask(key, this.#ageOf(key));
    const open = this.isOpen(key);
    this.#update(key, { open });
    demands.push({ key, cause, request: "start", open, signal, reason });
  }

  #judgePlanned({ payload, request, cause, reason }: PlannedRequest, demands: Demand[]): void {
    const reach = this.#reachOf(payload);
    const keys = reach.kind === "all" ? [...this.#judged.keys()] : [reach.key];
    for (const key of keys) {
      const known = demands.some((demand) => demand.key === key && demand.request === request);
      if (this.#judged.get(key)?.wanted === true && !known) demands.push(this.#demand(key, cause, request, reason));
    }
  }

  #tellGate(key: string, cause: number, demands: Demand[]): void {
    const judgement = this.#judged.get(key);
    if (judgement === undefined || !judgement.wanted) return;
    const open = this.#gate(key, judgement);
    if (open === judgement.open) return;
    this.#update(key, { open });
    demands.push({ key, cause, request: "gate", open, signal: undefined, reason: open ? "nothing is unmet" : "something is unmet" });
  }

  #gate(key: string, judgement: Judgement): boolean {
    return (
      (this.#places.max === Number.POSITIVE_INFINITY || this.#places.has(key)) &&
      (!judgement.blocked || judgement.forced) &&
      this.#lists.after.every((count) => count.holds(key)) &&
      this.#world.transportResolves(key)
    );
  }

  #someHolds(list: readonly Alternative<Count>[] | undefined, key: string, which: (alternative: Alternative<Count>) => boolean): boolean {
    return list === undefined || list.some((alternative) => which(alternative) && allHold(alternative, key));
  }

  #hits(list: readonly Alternative<Count>[], signal: SignalFact, key: string): boolean {
    return list.some(
      (alternative) =>
        alternative.signals.length > 0 &&
        alternative.signals.every(({ name, match }) => name === signal.name && matches(match, signal.payload, this.#world.kindOf(name))) &&
        allHold(alternative, key),
    );
  }

  #reachedBy(signal: SignalFact): readonly string[] {
    const key = keyIn(signal.payload, this.#field);
    return key === undefined ? [...this.#judged.keys()] : [key];
  }

  #ageOf(key: string): number {
    return this.#ages.get(key) ?? this.#nextAge;
  }

  #demand(key: string, cause: number, request: Demand["request"], reason: string): Demand {
    return { key, cause, request, open: false, signal: undefined, reason };
  }

  #mark(reach: Reach, cause: number): void {
    if (reach.kind === "all") this.#allDirty = cause;
    else this.#dirty.set(reach.key, cause);
  }

  #listenTo(count: Count): Listening {
    const { literal } = count;
    const hear = (fact: Fact & StateFact): void => {
      const reaches = count.change(fact.before, fact.after);
      for (const reach of reaches) this.#mark(reach, fact.id);
      if (reaches.length > 0) this.#onMark();
    };
    return { kind: "state", name: literal.state, key: this.#world.topicKey(literal), hear };
  }

  #signalListenings(): Listening[] {
    const lists = [...(this.#lists.start ?? []), ...this.#lists.stop];
    const names = new Set(lists.flatMap((alternative) => alternative.signals.map(({ name }) => name)));
    return [...names].map((name) => ({
      kind: "signal",
      name,
      hear: (fact) => {
        this.#signals.push(fact);
        this.#onMark();
      },
    }));
  }

  #reachOf(payload: Json): Reach {
    const key = keyIn(payload, this.#field);
    return key === undefined ? { kind: "all" } : { kind: "key", key };
  }

  #takeOver(before: ServiceGuard | ReadonlyMap<string, Judgement>): void {
    const judgements = before instanceof ServiceGuard ? before.judgements : before;
    for (const [key, judgement] of judgements) {
      this.#judged.set(key, judgement);
      this.#ages.set(key, this.#nextAge++);
      if (judgement.wanted) this.#places.ask(key, this.#ageOf(key));
    }
    if (before instanceof ServiceGuard) this.#stoppedWhole = before.#stoppedWhole;
  }
}

function allHold(alternative: Alternative<Count>, key: string): boolean {
  return alternative.literals.every((count) => count.holds(key));
}
