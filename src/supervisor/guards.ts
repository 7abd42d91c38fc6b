import type { Subscription } from "rxjs";
import { bindGuard } from "../bus/bind-guard.ts";
import type { Demand, Judgement } from "../flow/demand/demand.ts";
import { type GuardWorld, ServiceGuard } from "../flow/demand/service-guard.ts";
import { stateTopicKey } from "../flow/program.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { inject } from "../service/transport.ts";
import { ownBranch, transportView } from "./instance-view.ts";
import type { World } from "./world.ts";

interface Bound {
  readonly guard: ServiceGuard;
  readonly subscription: Subscription;
}

/** A demand with the service whose guard makes it. */
export interface ServiceDemand {
  readonly decl: ServiceDecl;
  readonly demand: Demand;
}

/** Stops beat starts; a gate is told before the start that may rest on it. */
const ORDER: Readonly<Record<Demand["request"], number>> = { gone: 0, stop: 1, appeared: 2, restart: 3, reload: 4, gate: 5, start: 6 };

/** One guard per service, bound to the bus; those that heard something judge when the round is settled. */
export class Guards {
  readonly #world: World;
  readonly #bound = new Map<string, Bound>();
  readonly #keyless = new Map<string, number>();
  #awake = new Set<ServiceGuard>();

  constructor(world: World) {
    this.#world = world;
  }

  get(service: string): ServiceGuard | undefined {
    return this.#bound.get(service)?.guard;
  }

  /** Makes the guard of a service, which judges everything anew; `before`: what was so counts as known, and only what rises is an edge. */
  add(decl: ServiceDecl, cause: number, before?: ServiceGuard | ReadonlyMap<string, Judgement>): ServiceGuard {
    const wake = (): void => {
      this.#awake.add(guard);
    };
    const guard: ServiceGuard = new ServiceGuard(decl, this.#worldOf(decl), wake, cause, before);
    this.#bound.set(decl.name, { guard, subscription: bindGuard(this.#world.bus, guard) });
    wake();
    return guard;
  }

  remove(service: string): void {
    const bound = this.#bound.get(service);
    if (bound === undefined) return;
    bound.subscription.unsubscribe();
    this.#awake.delete(bound.guard);
    this.#bound.delete(service);
  }

  /** Everybody who asks for variables must judge anew. */
  wakeAll(cause: number): void {
    for (const { guard } of this.#bound.values()) guard.markAll(cause);
  }

  /** What follows from the round that has just settled: first all guards judge, then the demands are sorted, stops before starts, by name. */
  judge(): readonly ServiceDemand[] {
    if (this.#awake.size === 0) return [];
    const awake = [...this.#awake].sort((a, b) => (a.decl.name < b.decl.name ? -1 : 1));
    this.#awake = new Set();
    for (const guard of awake) this.#warnKeyless(guard);
    const demands = awake.flatMap((guard) => guard.judge().map((demand) => ({ decl: guard.decl, demand })));
    return demands.length < 2 ? demands : demands.sort((a, b) => ORDER[a.demand.request] - ORDER[b.demand.request]);
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

  #worldOf(decl: ServiceDecl): GuardWorld {
    const world = this.#world;
    const { program } = world.index;
    // which signal starts a run is not known before: what is asked of it is judged at the launch
    const requires = decl.transport
      .filter((transport) => transport.required)
      .map((transport) => ({ ...transport, options: transport.options.filter(({ value }) => value.kind !== "start-signal") }));
    return {
      branches: (state) => world.flow.branches(state).values(),
      kindOf: (name) => program.states.get(name)?.kind ?? program.signals.get(name)?.kind ?? "any",
      topicKey: (literal) => stateTopicKey(program, literal),
      keyFieldOf: (service) => world.index.keyFieldOf(service),
      variable: (name) => world.variable(name),
      transportResolves: (key) => {
        if (requires.length === 0) return true;
        const view = transportView(decl, key, { ownBranch: ownBranch(decl, key, world.flow), startSignal: undefined }, world);
        return inject(requires, view).unmet.length === 0;
      },
    };
  }
}
