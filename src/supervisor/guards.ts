import type { Subscription } from "rxjs";
import type { Demand, Judgement } from "../flow/demand/demand.ts";
import type { Pull, Round } from "../flow/demand/order-guard.ts";
import { type Place, type Rival, Rivals } from "../flow/demand/rivals.ts";
import { ServiceGuard } from "../flow/demand/service-guard.ts";
import { instanceName } from "../model/name.ts";
import { isUp } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Instance } from "./instance.ts";
import { type GuardSide, WorldOfGuard } from "./world-of-guard.ts";
import type { UnitIndex } from "./unit-index.ts";
import type { World } from "./world.ts";

interface Bound {
  readonly guard: ServiceGuard;
  readonly subscriptions: readonly Subscription[];
}

/** What is asked about instances: those of a service, and whether the store was not told yet how one is. */
interface KnownInstances {
  get(name: string): Instance | undefined;
  of(service: string): readonly Instance[];
  isUntold(instance: Instance): boolean;
}

/** A demand with the service whose guard makes it. */
export interface ServiceDemand {
  readonly decl: ServiceDecl;
  readonly demand: Demand;
}

/** Stops beat starts; a gate is told before the start that may rest on it. */
const ORDER: Readonly<Record<Demand["request"], number>> = {
  gone: 0,
  stop: 1,
  wait: 2,
  appeared: 3,
  restart: 4,
  renew: 5,
  reload: 6,
  gate: 7,
  start: 8,
};
const NO_KEYS: readonly string[] = [];
/** What is about to happen, for those who wait for nobody. */
const NO_ORDER: Round = { starting: () => NO_KEYS, ending: () => NO_KEYS };
const ENDS = ["gone", "stop", "wait", "restart", "renew"] as const;

/**
 * One guard per service, bound to the bus; those that heard something judge when the round is settled. Here they meet: a start pulls in
 * what it needs, before anybody is told anything, and of those that conflict one is let through.
 */
export class Guards {
  readonly #world: World;
  readonly #instances: KnownInstances;
  readonly #side: GuardSide;
  readonly #bound = new Map<string, Bound>();
  readonly #keyless = new Map<string, number>();
  #awake = new Set<ServiceGuard>();
  #rivalry: { readonly index: UnitIndex; readonly rivals: Rivals } | undefined;

  constructor(world: World, instances: KnownInstances) {
    this.#world = world;
    this.#instances = instances;
    this.#side = { world, instances, rivals: () => this.#rivals() };
  }

  get(service: string): ServiceGuard | undefined {
    return this.#bound.get(service)?.guard;
  }

  /** Makes the guard of a service, which judges everything anew; `before`: what was so counts as known, and only what rises is an edge. */
  add(decl: ServiceDecl, cause: number, before?: ServiceGuard | ReadonlyMap<string, Judgement>): ServiceGuard {
    const wake = (): void => {
      this.#awake.add(guard);
    };
    const guard: ServiceGuard = new ServiceGuard(decl, new WorldOfGuard(decl, this.#side), wake, cause, before);
    this.#bound.set(decl.name, { guard, subscriptions: guard.listens.map((listening) => this.#world.bus.listen(listening)) });
    wake();
    return guard;
  }

  remove(service: string): void {
    const bound = this.#bound.get(service);
    if (bound === undefined) return;
    for (const subscription of bound.subscriptions) subscription.unsubscribe();
    this.#awake.delete(bound.guard);
    this.#bound.delete(service);
  }

  /** Everybody who asks for variables must judge anew. */
  wakeAll(cause: number): void {
    for (const { guard } of this.#bound.values()) guard.markAll(cause);
  }

  /**
   * What follows from the round that has just settled: first all guards judge and those who start pull in others, then the demands are
   * sorted, stops before starts, by name.
   */
  judge(): readonly ServiceDemand[] {
    if (this.#awake.size === 0) return [];
    this.#partRivals();
    const judging = inOrderOfNames(this.#awake);
    this.#awake = new Set();
    for (const guard of judging) {
      this.#warnKeyless(guard);
      guard.judge();
    }
    this.#pull(judging);
    const round = this.#roundOf(judging);
    const demands: ServiceDemand[] = [];
    for (const guard of this.#inOrderOfLetting(judging))
      for (const demand of guard.demands(round)) demands.push({ decl: guard.decl, demand });
    return demands.length < 2 ? demands : demands.sort((a, b) => ORDER[a.demand.request] - ORDER[b.demand.request] || byName(a, b));
  }

  /** Somebody has something to judge: what only the next round can know. */
  get isAwake(): boolean {
    return this.#awake.size > 0;
  }

  /** Those who keep an instance from starting because they conflict with it. */
  inTheWay(place: Place): readonly Place[] {
    return this.#rivals().inTheWay(place);
  }

  /** The services with which this one conflicts, whoever says so. */
  rivalsOf(service: string): readonly Rival[] {
    return this.#rivals().of(service);
  }

  /** The instance has no process, and none is coming unless it is let start anew. */
  released(place: Place, cause: number): void {
    const rivals = this.#rivals();
    if (rivals.none || !rivals.release(place)) return;
    for (const { service, pairs } of rivals.of(place.service)) {
      if (pairs) this.get(service)?.mark(place.key, cause);
      else this.get(service)?.markAll(cause);
    }
  }

  /** Says it when there are more branches without the key than before: they get no instance. */
  #warnKeyless(guard: ServiceGuard): void {
    const { name, branching } = guard.decl;
    if (branching === undefined) return;
    const before = this.#keyless.get(name) ?? 0;
    if (guard.keyless > before) {
      this.#world.log.warn(
        { service: name, branches: guard.keyless },
        `a branch of ${branching.sourceState} without ${branching.key} gets no instance`,
      );
    }
    this.#keyless.set(name, guard.keyless);
  }

  /** Taken before anybody is told anything: a guard forgets what it has told. */
  #roundOf(judging: Iterable<ServiceGuard>): Round {
    if (![...judging].some((guard) => guard.hasOrder)) return NO_ORDER;
    const starting = new Map<string, readonly string[]>();
    const ending = new Map<string, readonly string[]>();
    for (const guard of judging) {
      starting.set(guard.decl.name, guard.keysTold("start"));
      ending.set(guard.decl.name, guard.keysTold(...ENDS));
    }
    const isEnding = (instance: Instance): boolean => instance.phase === "stopping" && this.#instances.isUntold(instance);
    return {
      starting: (service) => starting.get(service) ?? NO_KEYS,
      ending: (service) => [...(ending.get(service) ?? NO_KEYS), ...this.#keysIn(service, isEnding)],
    };
  }

  /** Who starts asks for others, and these for others in turn. */
  #pull(judging: Set<ServiceGuard>): void {
    const pulls: Pull[] = [];
    for (const guard of judging) pulls.push(...guard.takePulls());
    // an index instead of shift(): a shift costs the length of the queue
    for (let i = 0; i < pulls.length; i++) {
      const pull = pulls[i];
      const guard = pull === undefined ? undefined : this.get(pull.item.service);
      if (pull === undefined || guard === undefined) continue;
      guard.pull(pull);
      judging.add(guard);
      pulls.push(...guard.takePulls());
    }
  }

  /** Of two that are to start at once the one declared first is let through. */
  #inOrderOfLetting(judging: Iterable<ServiceGuard>): Iterable<ServiceGuard> {
    const rivals = this.#rivals();
    return rivals.none ? judging : [...judging].sort((a, b) => rivals.rank(a.decl.name) - rivals.rank(b.decl.name));
  }

  /** New units can make rivals of two that run: the one declared later has to wait. */
  #partRivals(): void {
    if (this.#rivalry?.index === this.#world.index) return;
    const rivals = this.#rivals();
    const cause = this.#world.history.nextId - 1;
    for (const { service, key } of rivals.clashes()) {
      const others = rivals.inTheWay({ service, key }).map((other) => instanceName(other.service, other.key));
      this.get(service)?.planFor(key, { request: "wait", cause, reason: `it conflicts with ${others.join(" and ")}` });
    }
  }

  #keysIn(service: string, isIn: (instance: Instance) => boolean): readonly string[] {
    return this.#instances.of(service).flatMap((instance) => (isIn(instance) ? [instance.key] : []));
  }

  #rivals(): Rivals {
    const { index } = this.#world;
    if (this.#rivalry?.index !== index)
      this.#rivalry = { index, rivals: new Rivals(index.units.services, (service) => this.#keysIn(service, ({ phase }) => isUp(phase))) };
    return this.#rivalry.rivals;
  }
}

/** Each name is there once. Texts are sorted without a call for each pair of them. */
function inOrderOfNames(guards: ReadonlySet<ServiceGuard>): Set<ServiceGuard> {
  if (guards.size === 1) return new Set(guards);
  const byName = new Map<string, ServiceGuard>();
  for (const guard of guards) byName.set(guard.decl.name, guard);
  const sorted = new Set<ServiceGuard>();
  for (const name of [...byName.keys()].sort()) {
    const guard = byName.get(name);
    if (guard !== undefined) sorted.add(guard);
  }
  return sorted;
}

function byName(a: { readonly decl: ServiceDecl }, b: { readonly decl: ServiceDecl }): number {
  return a.decl.name < b.decl.name ? -1 : a.decl.name > b.decl.name ? 1 : 0;
}
