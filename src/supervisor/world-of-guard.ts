import { type Literal, serviceState } from "../flow/condition.ts";
import type { Rivals } from "../flow/demand/rivals.ts";
import type { GuardWorld } from "../flow/demand/service-guard.ts";
import { type Program, stateTopicKey } from "../flow/program.ts";
import type { Json } from "../model/json.ts";
import { instanceName } from "../model/name.ts";
import type { PayloadKind, ServiceDecl } from "../model/unit-set.ts";
import { inject } from "../service/transport.ts";
import type { Instance } from "./instance.ts";
import { ownBranch, transportView } from "./instance-view.ts";
import type { World } from "./world.ts";

/** What all guards ask of the supervisor. */
export interface GuardSide {
  readonly world: World;
  readonly instances: { get(name: string): Instance | undefined };
  readonly rivals: () => Rivals;
}

/** What the guard of one service sees of the world. A class, as there is one for each service: a dozen closures weigh more than the rest of a guard. */
export class WorldOfGuard implements GuardWorld {
  readonly #decl: ServiceDecl;
  readonly #side: GuardSide;
  /** Of the units that it was made for. */
  readonly #program: Program;
  /** What `transport` requires. Which signal starts a run is not known before: what is asked of it is judged at the launch. */
  readonly #required: ServiceDecl["transport"];

  constructor(decl: ServiceDecl, side: GuardSide) {
    this.#decl = decl;
    this.#side = side;
    this.#program = side.world.index.program;
    this.#required = decl.transport
      .filter((transport) => transport.required)
      .map((transport) => ({ ...transport, options: transport.options.filter(({ value }) => value.kind !== "start-signal") }));
  }

  branches(state: string): Iterable<Json> {
    return this.#side.world.flow.branches(state).values();
  }

  kindOf(name: string): PayloadKind {
    return this.#program.states.get(name)?.kind ?? this.#program.signals.get(name)?.kind ?? "any";
  }

  topicKey(literal: Literal): string | undefined {
    return stateTopicKey(this.#program, literal);
  }

  keyFieldOf(service: string): string | undefined {
    return this.#side.world.index.keyFieldOf(service);
  }

  isDeclared(service: string): boolean {
    return this.#side.world.index.services.has(service);
  }

  instance(service: string, key: string): Json | undefined {
    return this.#side.world.flow.branches(serviceState(service)).get(instanceName(service, key));
  }

  runOf(key: string): number {
    return this.#own(key)?.runFact ?? 0;
  }

  isFree(key: string): boolean {
    const rivals = this.#side.rivals();
    return rivals.none || rivals.inTheWay({ service: this.#decl.name, key }).length === 0;
  }

  claim(key: string): void {
    const rivals = this.#side.rivals();
    if (!rivals.none) rivals.claim({ service: this.#decl.name, key });
  }

  variable(name: string): Json | undefined {
    return this.#side.world.variable(name);
  }

  transportResolves(key: string): boolean {
    if (this.#required.length === 0) return true;
    const { world } = this.#side;
    const start = { ownBranch: ownBranch(this.#decl, key, world.flow), startSignal: undefined };
    return inject(this.#required, transportView(this.#decl, key, start, world)).unmet.length === 0;
  }

  userIsNamed(key: string): boolean {
    return this.#side.world.users.waitsFor(this.#decl, key, this.#own(key)) === undefined;
  }

  #own(key: string): Instance | undefined {
    return this.#side.instances.get(instanceName(this.#decl.name, key));
  }
}
