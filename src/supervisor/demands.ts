import type { Demand } from "../flow/demand/demand.ts";
import { UndeclaredError } from "../errors/rind-error.ts";
import { undeclared } from "../errors/undeclared.ts";
import type { Fact } from "../model/fact.ts";
import { instanceName, splitInstance, WHOLE } from "../model/name.ts";
import { isDown } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Guards, ServiceDemand } from "./guards.ts";
import type { Instance } from "./instance.ts";
import { ownBranch } from "./instance-view.ts";
import type { Instances } from "./instances.ts";
import type { World } from "./world.ts";

export type HandAction = "start" | "stop" | "restart" | "reload";

interface HandOptions {
  /** start: pass over `stop-on`, and stop what conflicts; stop: SIGKILL at once. */
  readonly force: boolean;
  readonly cause: number;
  readonly reason: string;
}

interface DemandSide {
  /** Sends `run.reload`. */
  reload(instance: Instance): void;
  /** Whether others have to be down before the process of this one is asked to end. */
  hold(instance: Instance): boolean;
}

/** Turns what conditions demand and what hands ask into requests to the actors (SPEC 6.1). */
export class Demands {
  readonly #world: World;
  readonly #instances: Instances;
  readonly #guards: Guards;
  readonly #side: DemandSide;
  #refusing = false;

  constructor(world: World, instances: Instances, guards: Guards, side: DemandSide) {
    this.#world = world;
    this.#instances = instances;
    this.#guards = guards;
    this.#side = side;
  }

  /** The machine or the daemon is going down: nothing is started any more. */
  get refusing(): boolean {
    return this.#refusing;
  }

  /** From now on every start is refused: of what waits for its gate, a retry or the end of its old process too. */
  refuseStarts(cause: number): void {
    this.#refusing = true;
    for (const instance of this.#instances.all()) this.#instances.send(instance, { type: "gate.changed", open: false }, cause);
  }

  carryOut(demands: readonly ServiceDemand[]): void {
    for (const { decl, demand } of demands) this.#carryOut(decl, demand);
  }

  /** A request that counts as by hand; `target` is a service or `GROUP@ITEM/KEY`. Answers the instances that it is about. */
  byHand(target: string, action: HandAction, { force, cause, reason }: HandOptions): readonly Instance[] {
    const { decl, keys } = this.#targets(target);
    const guard = this.#guards.get(decl.name);
    const plain = splitInstance(target).key === WHOLE;
    if (plain && (action === "start" || action === "stop")) guard?.setStoppedWhole(action === "stop");
    return keys.map((key) => {
      const instance = this.#instances.ensure(decl, key);
      this.hand(instance, action, { force, cause, reason });
      return instance;
    });
  }

  /** Throws where there is no such service or instance. */
  checkTarget(target: string): void {
    this.#targets(target);
  }

  /** The same for one instance, also of a service that is declared no more. */
  hand(instance: Instance, action: HandAction, { force, cause, reason }: HandOptions): void {
    const guard = this.#guards.get(instance.service);
    switch (action) {
      case "stop":
        guard?.stopByHand(instance.key);
        this.#stop(instance, force, cause, reason);
        return;
      case "reload":
        if (instance.phase === "running") this.#reload(instance, reason, cause);
        return;
      case "restart":
        if (instance.phase === "running" || instance.phase === "starting") {
          this.#restart(instance, reason, cause);
          return;
        }
        this.#startByHand(instance, force, cause, reason);
        return;
      case "start":
        this.#startByHand(instance, force, cause, reason);
    }
  }

  /** It waits until its gate opens, and pulls in nobody: it has done that already. */
  wait(decl: ServiceDecl, key: string, reason: string, cause: number): void {
    const instance = this.#instances.ensure(decl, key);
    this.#prepare(instance, undefined);
    this.#instances.request(
      instance,
      "start",
      { type: "service.start", by: "conditions", open: false, circle: false, reason },
      reason,
      cause,
    );
  }

  /** One that its own last run brought about counts as a start that did. */
  #restart(instance: Instance, reason: string, cause: number): void {
    if (this.#refusing) return;
    const circle = this.#circle(instance, cause) !== undefined;
    if (circle) this.#warnCircle(instance, cause);
    this.#instances.request(instance, "restart", { type: "service.restart", circle, reason }, reason, cause);
  }

  #startByHand(instance: Instance, force: boolean, cause: number, reason: string): void {
    if (this.#refusing) return;
    if (force)
      for (const rival of this.inTheWay(instance))
        this.hand(rival, "stop", { force: false, cause, reason: `${instance.name} is started by force` });
    this.#guards.get(instance.service)?.startByHand({ key: instance.key, force, cause, reason });
  }

  /** Who keeps it from starting because the two conflict. */
  inTheWay({ service, key }: Instance): readonly Instance[] {
    return this.#guards.inTheWay({ service, key }).flatMap((place) => this.#instances.get(instanceName(place.service, place.key)) ?? []);
  }

  /** Who requires it is stopped first, unless it is forced. */
  #stop(instance: Instance, force: boolean, cause: number, reason: string): void {
    if (isDown(instance.phase)) return;
    const hold = !force && this.#side.hold(instance);
    this.#instances.request(instance, "stop", { type: "service.stop", force, hold, reason }, reason, cause);
  }

  #carryOut(decl: ServiceDecl, demand: Demand): void {
    const name = instanceName(decl.name, demand.key);
    const instance = this.#instances.get(name);
    const { cause, reason } = demand;
    switch (demand.request) {
      case "start":
        this.#start(decl, demand);
        return;
      case "appeared":
        this.#instances.ensure(decl, demand.key).gone = false;
        return;
      case "gone":
        if (instance === undefined) this.#guards.get(decl.name)?.down(demand.key, cause);
        else this.#instances.remove(instance, { hold: false, reason, cause });
        return;
      case "stop":
        if (instance !== undefined) this.#stop(instance, false, cause, reason);
        return;
      case "wait":
        if (instance !== undefined) this.#standBy(instance, demand);
        return;
      case "restart":
        if (instance?.phase === "running") this.#restart(instance, reason, cause);
        return;
      case "renew":
        if (instance?.phase === "running" || instance?.phase === "starting") this.#restart(instance, reason, cause);
        return;
      case "reload":
        if (instance?.phase === "running") this.#reload(instance, reason, cause);
        return;
      case "gate":
        if (instance !== undefined) this.#tellGate(instance, demand);
    }
  }

  /** Its process ends, and it comes back when the gate lets it. What is on its way down for another reason finds the gate closed. */
  #standBy(instance: Instance, demand: Demand): void {
    const { open, cause, reason } = demand;
    if (instance.phase === "blocked" || instance.phase === "stopping") {
      this.#tellGate(instance, demand);
      return;
    }
    this.#stop(instance, false, cause, reason);
    if (this.#refusing) return;
    this.#guards.get(instance.service)?.keepWanted(instance.key);
    this.#instances.send(instance, { type: "service.start", by: "conditions", open, circle: false, reason }, cause);
  }

  #tellGate(instance: Instance, { open, cause }: Demand): void {
    if (open && this.#refusing) return;
    this.#instances.send(instance, { type: "gate.changed", open }, cause);
    // one that was let through and pauses still keeps its claim
    if (!open && instance.phase === "blocked") this.#guards.released(instance, cause);
  }

  #start(decl: ServiceDecl, demand: Demand): void {
    const { key, cause, open, reason, signal } = demand;
    const instance = this.#instances.ensure(decl, key);
    if (this.#refusing) {
      this.#restIfDown(instance, cause);
      return;
    }
    instance.gone = false;
    const circle = this.#circle(instance, cause) !== undefined;
    // a hook counts as a hand, but nobody's hand passes over the delay of a circle
    const by = circle ? "conditions" : demand.by;
    const event = { type: "service.start", by, open, circle, reason } as const;
    if (by === "hand" && (instance.phase === "running" || instance.phase === "starting")) return;
    const takesEffect = by === "hand" || isDown(instance.phase) || instance.phase === "stopping";
    if (!takesEffect) {
      this.#instances.send(instance, event, cause);
      return;
    }
    if (circle) this.#warnCircle(instance, cause);
    this.#prepare(instance, signal);
    this.#instances.request(instance, "start", event, reason, cause);
    this.#restIfDown(instance, cause);
  }

  /** A start that came to nothing leaves nothing that others would have to wait for. */
  #restIfDown(instance: Instance, cause: number): void {
    if (!isDown(instance.phase)) return;
    this.#guards.get(instance.service)?.down(instance.key, cause);
    this.#guards.released(instance, cause);
  }

  /** What a run keeps over its restarts. */
  #prepare(instance: Instance, signal: Demand["signal"]): void {
    instance.startSignal = signal?.payload;
    instance.ownBranch = ownBranch(instance.decl, instance.key, this.#world.flow);
    this.#world.users.forget(instance);
  }

  /** A start that goes back through its causes to the last run of the same instance. */
  #circle(instance: Instance, cause: number): Fact | undefined {
    if (instance.runFact === 0) return undefined;
    return this.#world.history.goesBackTo(cause, instance.runFact, (fact) => fact.kind === "phase" && fact.instance === instance.name);
  }

  #warnCircle(instance: Instance, cause: number): void {
    const steps = this.#world.history.chainTo(cause).filter((fact) => fact.id >= instance.runFact);
    const circle = steps.flatMap((fact) =>
      fact.kind === "phase" || fact.kind === "request" ? [fact.instance] : fact.kind === "outside" ? [] : [fact.name],
    );
    const names = circle.filter((name, i) => name !== circle[i - 1]);
    this.#world.log.warn(
      { service: instance.name, circle: names.join(" -> ") },
      "its own last run brought this start about: it counts as a restart",
    );
  }

  #reload(instance: Instance, reason: string, cause: number): void {
    const fact = this.#world.door.record({ kind: "request", action: "reload", instance: instance.name, reason }, [cause]);
    this.#world.bus.publish([fact]);
    instance.lastFact = fact.id;
    this.#side.reload(instance);
  }

  #targets(target: string): { readonly decl: ServiceDecl; readonly keys: readonly string[] } {
    const { service, key } = splitInstance(target);
    const { services } = this.#world.index;
    const decl = services.get(service);
    if (decl === undefined) throw undeclared(`no service ${service}`, service, services.keys());
    const guard = this.#guards.get(service);
    if (decl.branching === undefined) {
      if (key !== WHOLE) throw new UndeclaredError(`${service} does not branch, so there is no ${target}`);
      return { decl, keys: [WHOLE] };
    }
    const keys = [...(guard?.keys() ?? [])];
    if (key === WHOLE) return { decl, keys };
    if (!keys.includes(key))
      throw new UndeclaredError(`no instance ${target}: no branch of ${decl.branching.sourceState} has ${decl.branching.key} = ${key}`);
    return { decl, keys: [key] };
  }
}
