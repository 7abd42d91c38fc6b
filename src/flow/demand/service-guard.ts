import type { Fact, SignalFact } from "../../model/fact.ts";
import type { Json } from "../../model/json.ts";
import { WHOLE } from "../../model/name.ts";
import type { ServiceDecl } from "../../model/unit-set.ts";
import { ownField } from "../payload.ts";
import { keyIn, type Reach } from "./count.ts";
import { type Demand, type Judgement, UNJUDGED } from "./demand.ts";
import { type CountedWorld, GuardCounts } from "./guard-counts.ts";
import { type HandStart, Heard } from "./heard.ts";
import { judgeStates } from "./judge-states.ts";
import { Judgements } from "./judgements.ts";
import { type Listening, type PlannedRequest, plannedListenings, requiredListenings, userListenings } from "./listening.ts";
import { OrderGuard, type OrderWorld, type Pull, type Round } from "./order-guard.ts";
import { flagOf, LOST, pullsTheSame } from "./order-lists.ts";
import { Places } from "./places.ts";

/** What a guard asks of the world around it. All of it is read at construction or while judging, never kept. */
export interface GuardWorld extends OrderWorld, CountedWorld {
  /** Whether everything that `transport` requires resolves for this instance. */
  transportResolves(key: string): boolean;
  /** It is known as whom this instance is to run, or that it never will be. */
  userIsNamed(key: string): boolean;
  /** Nobody with whom this instance conflicts runs or has been let start. */
  isFree(key: string): boolean;
  /** This instance has been let start. */
  claim(key: string): void;
}

const NONE: readonly never[] = [];
const NOTHING = new Heard();

/**
 * `start-on`, `stop-on`, the order and `branching` of one service, for all its instances (SPEC 5, 6.1, 6.2, 6.7).
 *
 * It marks while facts are delivered and judges once the round is settled; it asks nothing of the store then, as it keeps counts.
 * What it says is what should be: whether there is a process is the machine's business, which tells it only `down`. A round has three
 * steps: all guards `judge`, then the pulls of those who start are told to those whom they pull, then each guard says by `demands` what
 * follows, when it is known who starts and who ends.
 *
 * Invariants: every instance in `#judged` exists (its branch is there and no filter excepts it); a wanted instance of a service
 * with `max-instances` has a place or waits for one; a demand `gate` is told exactly when the gate of a wanted instance changes.
 */
export class ServiceGuard {
  readonly decl: ServiceDecl;
  readonly listens: readonly Listening[];
  readonly #world: GuardWorld;
  readonly #counts: GuardCounts;
  readonly #order: OrderGuard;
  readonly #field: string | undefined;
  /** undefined: there are no limits. */
  readonly #places: Places | undefined;
  readonly #judged: Judgements;
  /** `rind stop` by the plain name of a branching service: no condition starts any instance. */
  #stoppedWhole = false;

  /** undefined: nothing. */
  #heard: Heard | undefined;

  // what a round has brought so far; of most of these there is nothing most of the time, for each of ten thousand services
  #demands: Demand[] | undefined;
  #pulls: Pull[] | undefined;
  #ended: Set<string> | undefined;
  #touched: ReadonlyMap<string, number> | undefined;
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
    const max = decl.branching?.maxInstances ?? Number.POSITIVE_INFINITY;
    this.#places = max === Number.POSITIVE_INFINITY ? undefined : new Places(max);
    this.#judged = new Judgements(this.#places !== undefined);
    const touched = (reach: Reach, cause: number): void => this.#mark(reach, cause);
    const planned = (request: PlannedRequest): void => this.plan(request);
    const heard = (payload: Json, because: number): void => this.#mark(this.#reachOf(payload), because);
    const partner = (key: string, pull: Pull): void => this.#pullLate(key, pull);
    this.#order = new OrderGuard(decl, world, { touched, planned, partner }, before instanceof ServiceGuard ? before.#order : undefined);
    this.#counts = new GuardCounts(decl, world, touched, (signal) => void this.#hear().signals.push(signal));
    this.listens = [
      ...this.#counts.listens,
      ...this.#order.listens,
      ...requiredListenings(decl, heard),
      ...userListenings(decl, heard),
      ...plannedListenings(decl, (name) => world.kindOf(name), planned),
    ];
    this.#heard = new Heard();
    this.#heard.mark({ kind: "all" }, cause);
    if (before !== undefined) this.#takeOver(before, cause, this.#heard);
  }

  /** Everything must be judged anew, because of the fact `cause`: a variable has changed. */
  markAll(cause: number): void {
    this.#mark({ kind: "all" }, cause);
  }

  /** One instance must be judged anew: it waited for something that no state tells of. */
  mark(key: string, cause: number): void {
    this.#mark({ kind: "key", key }, cause);
  }

  /** Something that concerns who runs or waits; judged with the rest of the round. */
  plan(request: PlannedRequest): void {
    this.#hear().planned.push(request);
  }

  /** The same for one instance. */
  planFor(key: string, request: Omit<PlannedRequest, "payload" | "since">): void {
    this.plan({ ...request, since: 0, payload: this.#field === undefined ? null : { [this.#field]: key } });
  }

  get judgements(): ReadonlyMap<string, Judgement> {
    return this.#judged.all;
  }

  /** Keys of the instances that should exist, oldest branch first. */
  keys(): Iterable<string> {
    return this.#judged.all.keys();
  }

  /** Branches of the source state that carry no key, and so make no instance. */
  get keyless(): number {
    return this.#counts.keyless;
  }

  /** Whether it waits for others, or pulls them in. */
  get hasOrder(): boolean {
    return !this.#order.isEmpty;
  }

  get stoppedWhole(): boolean {
    return this.#stoppedWhole;
  }

  hasPlace(key: string): boolean {
    return this.#places?.has(key) !== false;
  }

  /** Judges what was marked. */
  judge(): void {
    const heard = this.#heard ?? NOTHING;
    this.#heard = undefined;
    this.#touched = heard.touched(() => [...this.#counts.sourceKeys(), ...this.#judged.all.keys()]);
    this.#touched?.forEach((cause, key) => {
      if (!this.#counts.exists(key)) this.#remove(key, cause);
    });
    this.#touched?.forEach((cause, key) => {
      if (this.#counts.exists(key)) this.#judgeStates(key, cause);
    });
    for (const signal of heard.signals) this.#judgeSignal(signal);
    for (const plan of heard.planned) this.#judgePlanned(plan);
    for (const start of heard.handStarts) this.#judgeHandStart(start);
    for (const { key, pull } of heard.latePulls) if (this.#judged.isWanted(key)) this.#pulls = withOne(this.#pulls, pull);
  }

  /** Whom those pull in who are to start, since the last call. */
  takePulls(): readonly Pull[] {
    const pulls = this.#pulls ?? NONE;
    this.#pulls = undefined;
    return pulls;
  }

  /**
   * Starts what a puller asks for: what has failed or ended too, as the start of a puller is a new start. Not against `stop-on`, `status`
   * or a stop by hand, and not what is wanted or as asked already.
   */
  pull({ item, key, cause, reason }: Pull): void {
    for (const one of key === undefined ? [...this.#judged.all.keys()] : [key]) {
      const judgement = this.#judged.get(one);
      if (judgement === undefined || judgement.wanted || judgement.blocked || judgement.stopped || this.#ended?.has(one) === true) continue;
      const row = this.#world.instance(this.decl.name, one);
      if (ownField(row, flagOf(item.is)) !== true || ownField(row, LOST) === true) this.#start(one, cause, undefined, reason);
    }
  }

  /** Keys that have been told to start, and to end, in this round so far. */
  keysTold(...requests: readonly Demand["request"][]): readonly string[] {
    return (this.#demands ?? NONE).filter(({ request }) => requests.includes(request)).map(({ key }) => key);
  }

  /** What follows from this round. */
  demands(round: Round): readonly Demand[] {
    const demands = (this.#demands ?? NONE).map((demand: Demand) => {
      if (demand.request !== "start" && demand.request !== "wait") return demand;
      return { ...demand, open: this.#judgeGate(demand.key, demand.cause, round) };
    });
    this.#touched?.forEach((cause, key) => {
      const judgement = this.#judged.get(key);
      if (judgement === undefined || !judgement.wanted) return;
      const open = this.#judgeGate(key, cause, round);
      if (open === judgement.open) return;
      demands.push({ ...this.#demand(key, cause, "gate", open ? "nothing is unmet" : "something is unmet"), open });
    });
    this.#demands = undefined;
    this.#ended = undefined;
    this.#touched = undefined;
    return demands;
  }

  /** Somebody asks for a start by hand. `force`: `stop-on` is passed over. */
  startByHand(start: HandStart): void {
    this.#hear().handStarts.push(start);
  }

  /** Somebody asks for a stop by hand: it stays down until `start-on` rises or triggers anew. */
  stopByHand(key: string): void {
    this.#judged.update(key, { wanted: false, held: false, forced: false, stopped: true });
  }

  /** A stop by the plain name of a branching service holds for every instance, present and to come. */
  setStoppedWhole(stopped: boolean): void {
    this.#stoppedWhole = stopped && this.#field !== undefined;
  }

  /** The instance has no process and none is coming. What ended by itself is no longer wanted; its place is free. */
  down(key: string, cause: number): void {
    this.#judged.update(key, { wanted: false, forced: false });
    for (const next of this.#places?.release(key) ?? NONE) this.mark(next, cause);
  }

  /** It is down only to come back when the gate lets it. */
  keepWanted(key: string): void {
    this.#judged.update(key, { wanted: true });
    this.#places?.ask(key, this.#judged.ageOf(key));
  }

  #remove(key: string, cause: number): void {
    if (this.#judged.delete(key)) this.#tell(key, cause, "gone", this.#counts.absence(key));
  }

  #judgeStates(key: string, cause: number): void {
    const old = this.#judged.get(key) ?? UNJUDGED;
    if (this.#judged.get(key) === undefined) {
      this.#judged.add(key);
      if (key !== WHOLE) this.#tell(key, cause, "appeared", `${this.decl.branching?.sourceState} has a branch for it`);
    }
    const { edge, judgement } = judgeStates(old, this.#counts.seen(key), this.decl.bound);
    this.#judged.update(key, judgement);
    if (edge === "blocked" || edge === "lost") {
      this.#markEnded(key);
      const reason = edge === "lost" ? "start-on no longer holds" : `stop-on holds: ${this.#counts.blockerText(key)}`;
      if (old.wanted) this.#tell(key, cause, "stop", reason);
    } else if (edge === "rose" || edge === "cleared") {
      this.#start(key, cause, undefined, edge === "rose" ? "start-on holds" : "stop-on no longer holds");
    }
  }

  #judgeSignal(signal: Fact & SignalFact): void {
    for (const key of this.#reachedBy(signal)) {
      const judgement = this.#judged.get(key);
      if (judgement === undefined) continue;
      if (this.#counts.stopsOn(signal, key)) {
        this.#markEnded(key);
        this.#judged.update(key, { wanted: false });
        this.#demands = this.#demands?.filter((demand) => demand.key !== key || demand.request !== "start");
        if (judgement.wanted) this.#tell(key, signal.id, "stop", `stop-on holds: signal ${signal.name}`);
      } else if (!judgement.blocked && this.#ended?.has(key) !== true && this.#counts.startsOn(signal, key)) {
        this.#start(key, signal.id, signal, `signal ${signal.name}`);
      }
    }
  }

  #start(key: string, cause: number, signal: (Fact & SignalFact) | undefined, reason: string): void {
    const { status } = this.decl;
    const allowed = status === "start" || (status === "ignore" && signal?.name === "rind@shutdown");
    if (!allowed || this.#stoppedWhole) return;
    this.#want(key, cause, { wanted: true, stopped: false });
    this.#add({ ...this.#demand(key, cause, "start", reason), signal });
  }

  #judgeHandStart({ key, force, cause, reason }: HandStart): void {
    if (this.#judged.get(key) === undefined) return;
    this.#want(key, cause, { wanted: true, held: false, forced: force, stopped: false });
    this.#demands = this.#demands?.filter((demand) => demand.key !== key || demand.request !== "start");
    this.#add({ ...this.#demand(key, cause, "start", reason), by: "hand" });
  }

  #want(key: string, cause: number, changes: Partial<Judgement>): void {
    this.#judged.update(key, changes);
    this.#places?.ask(key, this.#judged.ageOf(key));
    if (this.hasOrder) for (const pull of this.#order.pulls(key, cause)) this.#pulls = withOne(this.#pulls, pull);
  }

  #judgePlanned({ payload, request, cause, reason, since }: PlannedRequest): void {
    const reach = this.#reachOf(payload);
    const keys = reach.kind === "all" ? [...this.#judged.all.keys()] : [reach.key];
    for (const key of keys) {
      const known = this.#demands?.some((demand) => demand.key === key && demand.request === request);
      if (this.#judged.isWanted(key) && known !== true && this.#world.runOf(key) >= since) this.#tell(key, cause, request, reason);
    }
  }

  #pullLate(key: string, pull: Pull): void {
    this.#hear().latePulls.push({ key, pull });
  }

  /** Whether a process may start now. Notes the answer; who is let through is in the way of those with whom it conflicts from then on. */
  #judgeGate(key: string, cause: number, round: Round): boolean {
    const judgement = this.#judged.get(key);
    if (judgement === undefined) return false;
    const holds = this.#gate(key, judgement);
    const premature = holds && this.#order.isPremature(key, round);
    if (premature) this.mark(key, cause);
    const open = holds && !premature;
    if (open !== judgement.open) this.#judged.update(key, { open });
    if (open) this.#world.claim(key);
    return open;
  }

  #gate(key: string, judgement: Judgement): boolean {
    return (
      this.hasPlace(key) &&
      (!judgement.blocked || judgement.forced) &&
      this.#order.holds(key) &&
      this.#world.transportResolves(key) &&
      this.#world.userIsNamed(key) &&
      this.#world.isFree(key)
    );
  }

  #reachedBy(signal: SignalFact): readonly string[] {
    const key = keyIn(signal.payload, this.#field);
    return key === undefined ? [...this.#judged.all.keys()] : [key];
  }

  #tell(key: string, cause: number, request: Demand["request"], reason: string): void {
    this.#add(this.#demand(key, cause, request, reason));
  }

  #add(demand: Demand): void {
    this.#demands = withOne(this.#demands, demand);
  }

  #markEnded(key: string): void {
    this.#ended ??= new Set();
    this.#ended.add(key);
  }

  #demand(key: string, cause: number, request: Demand["request"], reason: string): Demand {
    return { key, cause, request, open: false, by: "conditions", signal: undefined, reason };
  }

  #mark(reach: Reach, cause: number): void {
    this.#hear().mark(reach, cause);
  }

  #hear(): Heard {
    this.#onMark();
    this.#heard ??= new Heard();
    return this.#heard;
  }

  #reachOf(payload: Json): Reach {
    const key = keyIn(payload, this.#field);
    return key === undefined ? { kind: "all" } : { kind: "key", key };
  }

  #takeOver(before: ServiceGuard | ReadonlyMap<string, Judgement>, cause: number, heard: Heard): void {
    const judgements = before instanceof ServiceGuard ? before.judgements : before;
    const pullsAnew = before instanceof ServiceGuard && !pullsTheSame(before.decl, this.decl);
    for (const [key, judgement] of judgements) {
      this.#judged.add(key, judgement);
      if (judgement.wanted) this.#places?.ask(key, this.#judged.ageOf(key));
      if (judgement.wanted && pullsAnew) for (const pull of this.#order.pulls(key, cause)) heard.latePulls.push({ key, pull });
    }
    if (before instanceof ServiceGuard) this.#stoppedWhole = before.#stoppedWhole;
  }
}

function withOne<T>(list: T[] | undefined, item: T): T[] {
  if (list === undefined) return [item];
  list.push(item);
  return list;
}
