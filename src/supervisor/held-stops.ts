import { asksForProcess, followsLoss, pairs } from "../flow/demand/order-lists.ts";
import { instanceName } from "../model/name.ts";
import { hasProcess, isUp } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Instance } from "./instance.ts";
import type { Instances } from "./instances.ts";
import type { UnitIndex } from "./unit-index.ts";
import type { World } from "./world.ts";

/**
 * Stops that wait for others (SPEC 6.2, 6.6): who requires what is to stop is stopped first. A held instance is `stopping`, which its
 * dependents see as a loss, so that each of them is asked to stop in its turn; here is only noted who has to be down before.
 *
 * Invariant: a stop is held for those alone who hear of the loss or are stopped with it, so every held stop is released.
 */
export class HeldStops {
  readonly #world: World;
  readonly #instances: Instances;
  /** By the name of who is held: who has to be down. */
  readonly #waits = new Map<string, Set<Instance>>();
  /** By the name of who has to be down: who is held for it. */
  readonly #holds = new Map<string, Set<Instance>>();
  #index: UnitIndex | undefined;
  #dependents: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(world: World, instances: Instances) {
    this.#world = world;
    this.#instances = instances;
  }

  /** Whether a stop that is asked of it now has to be held. To be called with each such stop. */
  hold(instance: Instance): boolean {
    if (!hasProcess(instance.phase)) return false;
    const dependents = this.#dependentsOf(instance);
    if (dependents.length === 0) return false;
    this.#waits.set(instance.name, new Set(dependents));
    for (const { name } of dependents) {
      const held = this.#holds.get(name);
      if (held === undefined) this.#holds.set(name, new Set([instance]));
      else held.add(instance);
    }
    return true;
  }

  /** To be told of each phase change. */
  phaseChanged(instance: Instance, cause: number): void {
    if (instance.phase !== "stopping") this.#waits.delete(instance.name);
    // who starts again at once has no old process either
    if (hasProcess(instance.phase) && instance.phase !== "starting") return;
    const held = this.#holds.get(instance.name);
    if (held === undefined) return;
    this.#holds.delete(instance.name);
    for (const waiting of held) {
      const left = this.#waits.get(waiting.name);
      if (left === undefined || !left.delete(instance) || left.size > 0) continue;
      this.#waits.delete(waiting.name);
      this.#instances.send(waiting, { type: "stop.released" }, cause);
    }
  }

  /** Who has to be down before this one is stopped. */
  waitingFor(instance: Instance): readonly Instance[] {
    return [...(this.#waits.get(instance.name) ?? [])];
  }

  /** Those that have a process; through one that is between two tries, those that depend on it. */
  #dependentsOf(instance: Instance): readonly Instance[] {
    const found = new Set<Instance>();
    const seen = new Set([instance]);
    for (const one of seen) {
      for (const service of this.#known().get(one.service) ?? []) {
        for (const dependent of this.#candidates(service, one)) {
          if (!this.#loses(dependent, one)) continue;
          if (hasProcess(dependent.phase)) found.add(dependent);
          else seen.add(dependent);
        }
      }
    }
    return [...found];
  }

  /** The instances of a service that may depend on this one: its partner alone where the two pair by key. */
  #candidates(service: string, instance: Instance): readonly Instance[] {
    const decl = this.#world.index.services.get(service);
    if (decl === undefined || !pairs(decl, instance.decl.branching?.key)) return this.#instances.of(service);
    const partner = this.#instances.get(instanceName(service, instance.key));
    return partner === undefined ? [] : [partner];
  }

  #loses(dependent: Instance, instance: Instance): boolean {
    const { decl, phase, key, runFact } = dependent;
    if (!isUp(phase) || runFact < instance.bornFact || (pairs(decl, instance.decl.branching?.key) && key !== instance.key)) return false;
    return decl.requires.some((item) => item.service === instance.service && followsLoss(item) && asksForProcess(item.is));
  }

  /** By service: who requires it, those included whose unit is gone while they are not. */
  #known(): ReadonlyMap<string, readonly string[]> {
    const { index } = this.#world;
    if (this.#index === index) return this.#dependents;
    this.#index = index;
    const gone = [...this.#instances.all()].filter(({ service }) => !index.services.has(service)).map(({ decl }) => decl);
    this.#dependents = dependentsBy([...index.services.values(), ...gone]);
    return this.#dependents;
  }
}

function dependentsBy(decls: readonly ServiceDecl[]): ReadonlyMap<string, readonly string[]> {
  const dependents = new Map<string, Set<string>>();
  for (const { name, requires } of decls) {
    for (const { service } of requires) {
      const known = dependents.get(service);
      if (known === undefined) dependents.set(service, new Set([name]));
      else known.add(name);
    }
  }
  return new Map([...dependents].map(([service, names]) => [service, [...names]]));
}
