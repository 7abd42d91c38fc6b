import type { Change } from "../model/change.ts";
import type { Fact, PhaseFact, RequestFact } from "../model/fact.ts";
import { instanceName, WHOLE } from "../model/name.ts";
import { isDown, type Phase } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { type ActorHost, InstanceActor } from "../service/instance-actor.ts";
import type { EndedRun, InstanceContext, MachineWorld } from "../service/instance-context.ts";
import type { InstanceEvent } from "../service/instance-events.ts";
import { instancePolicy } from "../service/instance-policy.ts";
import type { Instance } from "./instance.ts";
import { instanceRows } from "./service-rows.ts";
import type { World } from "./world.ts";

/** What the machines ask for; carried out by the process side. */
export interface ProcessRequests {
  launch(instance: Instance): void;
  /** Begins the polite end; `abort`: with SIGABRT at once. */
  terminate(instance: Instance, abort: boolean): void;
  /** Ends all of it by force, however long that takes. */
  kill(instance: Instance): void;
}

/** Told of each change of an instance, inside the transaction, before any condition is judged on it. */
export interface InstanceObserver {
  phase(instance: Instance, fact: Fact & PhaseFact): void;
  /** It became ready or unready, healthy or unhealthy, without another phase; `cause` is the fact that this came with. */
  flags?(instance: Instance, before: InstanceContext, cause: number): void;
  /** It is no more: its branch or its unit is gone, and nothing of it runs. */
  buried?(instance: Instance): void;
}

/**
 * The actors: one per instance, in a map by name. An actor that fails takes nothing else with it: its instance is
 * `failed`, its process is killed, and the next start makes a new actor.
 *
 * Phase changes are collected here and brought into the store as one batch per round, as `rind@service` and as the hidden state
 * on which service conditions are judged.
 */
export class Instances {
  readonly #world: World;
  readonly #requests: ProcessRequests;
  readonly #observers: InstanceObserver[] = [];
  readonly #byName = new Map<string, Instance>();
  readonly #byService = new Map<string, Set<Instance>>();
  readonly #host: ActorHost;
  readonly #machineWorld: MachineWorld;
  #changed = new Map<string, { readonly instance: Instance; readonly cause: number; readonly buried: boolean }>();
  /** The fact in whose name an event is being sent: what the actor does at once is its consequence. */
  #cause = 0;

  constructor(world: World, requests: ProcessRequests) {
    this.#world = world;
    this.#requests = requests;
    this.#machineWorld = { now: () => world.clock.now(), random: () => world.random() };
    this.#host = {
      took: (name) => this.#took(this.#find(name)),
      broke: (name, error) => this.#broken(this.#find(name), error),
      launch: (name) => requests.launch(this.#find(name)),
      terminate: (name, abort) => requests.terminate(this.#find(name), abort),
      kill: (name) => requests.kill(this.#find(name)),
      setTimer: (name, elapsed, ms) => this.#setTimer(this.#find(name), elapsed, ms),
      clearTimer: (id) => world.clock.clearTimeout(id),
    };
  }

  observe(observer: InstanceObserver): void {
    this.#observers.push(observer);
  }

  get(name: string): Instance | undefined {
    return this.#byName.get(name);
  }

  all(): IterableIterator<Instance> {
    return this.#byName.values();
  }

  /** The instances of a service, oldest first. */
  of(service: string): readonly Instance[] {
    return [...(this.#byService.get(service) ?? [])];
  }

  /** The instance, made if need be; `ended`: where its last run under an earlier daemon left it. */
  ensure(decl: ServiceDecl, key: string, ended?: EndedRun): Instance {
    const name = instanceName(decl.name, key);
    const known = this.#byName.get(name);
    if (known !== undefined && !known.actor.isOver) return known;
    return this.#spawn(decl, name, key, known, known === undefined ? ended : endedBroken(known));
  }

  /** An instance where its last run under an earlier daemon left it, told to the store as a phase change would be. */
  recall(decl: ServiceDecl, key: string, ended: EndedRun): void {
    const instance = this.ensure(decl, key, ended);
    this.#changed.set(instance.name, { instance, cause: this.#world.history.nextId - 1, buried: false });
  }

  /** Sends an event; whatever follows from it at once has `cause` as its cause. */
  send(instance: Instance, event: InstanceEvent, cause: number): void {
    const outer = this.#cause;
    this.#cause = cause;
    try {
      instance.actor.send(event);
    } finally {
      this.#cause = outer;
    }
  }

  /** Records what is asked of an instance, and sends it as the consequence of that. */
  request(instance: Instance, action: RequestFact["action"], event: InstanceEvent, reason: string, cause: number): void {
    const fact = this.#world.door.record({ kind: "request", action, instance: instance.name, reason }, [cause]);
    this.#world.bus.publish([fact]);
    instance.lastFact = fact.id;
    this.send(instance, event, fact.id);
  }

  /** Its branch or its unit is gone: it ends, and then is no more. */
  remove(instance: Instance, { hold, reason, cause }: { readonly hold: boolean; readonly reason: string; readonly cause: number }): void {
    instance.gone = true;
    if (isDown(instance.phase)) this.#bury(instance, cause);
    else this.request(instance, "stop", { type: "service.stop", force: false, hold, reason }, reason, cause);
  }

  /** All phase changes since the last call, as changes of the store with their causes. */
  takeChanges(): { readonly changes: readonly Change[]; readonly causes: readonly number[] } {
    const taken = this.#changed.values();
    this.#changed = new Map();
    const changes: Change[] = [];
    const causes: number[] = [];
    for (const { instance, cause, buried } of taken) {
      for (const { state, key, payload } of instanceRows(this.#world.index.program, instance)) {
        changes.push({ op: "keep", state, key, payload: buried ? undefined : payload });
        causes.push(cause);
      }
    }
    return { changes, causes };
  }

  /** Whether the store does not know yet how the instance is now. */
  isUntold(instance: Instance): boolean {
    return this.#changed.get(instance.name)?.instance === instance;
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  #spawn(decl: ServiceDecl, name: string, key: string, before: Instance | undefined, ended: EndedRun | undefined): Instance {
    const actor = new InstanceActor({ name, policy: instancePolicy(decl), ended, world: this.#machineWorld }, this.#host);
    const instance: Instance = before ?? {
      name,
      service: decl.name,
      key,
      decl,
      actor,
      context: actor.context,
      phase: actor.phase,
      since: this.#world.clock.now(),
      process: undefined,
      lastFact: 0,
      bornFact: key === WHOLE ? 0 : this.#world.history.nextId - 1,
      runFact: 0,
      startSignal: undefined,
      ownBranch: undefined,
      user: undefined,
      gone: false,
      ran: undefined,
      launchedWith: undefined,
    };
    instance.actor = actor;
    instance.context = actor.context;
    instance.decl = decl;
    this.#byName.set(name, instance);
    this.#ofService(decl.name).add(instance);
    if (before === undefined && key !== WHOLE) this.#changed.set(name, { instance, cause: this.#world.history.nextId - 1, buried: false });
    return instance;
  }

  #find(name: string): Instance {
    const instance = this.#byName.get(name);
    if (instance === undefined) throw new Error(`no instance ${name}`);
    return instance;
  }

  /** What a machine's own delay does is an outside event too: it enters by the same door, with the run as its cause. */
  #setTimer(instance: Instance, elapsed: () => void, ms: number): unknown {
    const { clock, door } = this.#world;
    const event = {
      what: `timer of ${instance.name}`,
      causes: () => causesOf(instance),
      act: (cause: number) => this.#inNameOf(cause, elapsed),
    };
    return clock.setTimeout(() => door.submit(event), ms);
  }

  #inNameOf(cause: number, work: () => void): void {
    const outer = this.#cause;
    this.#cause = cause;
    try {
      work();
    } finally {
      this.#cause = outer;
    }
  }

  #took(instance: Instance): void {
    const before = instance.context;
    const { context, phase } = instance.actor;
    instance.context = context;
    try {
      if (phase === instance.phase) this.#flags(instance, before);
      else this.#phase(instance, phase);
    } catch (error) {
      // who is told of it is no part of the machine, and others wait for their turn
      this.#world.log.error({ service: instance.name, err: error }, "a fault in Rind where a change of an instance is told");
    }
  }

  #phase(instance: Instance, phase: Phase): void {
    if (phase === instance.phase) return;
    const from = instance.phase;
    instance.phase = phase;
    instance.since = this.#world.clock.now();
    const reason = instance.context.reason;
    const cause = this.#cause === 0 ? [] : [this.#cause];
    const fact = this.#world.door.record({ kind: "phase", instance: instance.name, from, to: phase, reason }, cause) as Fact & PhaseFact; // as recorded
    instance.lastFact = fact.id;
    if (phase === "starting") instance.runFact = fact.id;
    this.#changed.set(instance.name, { instance, cause: fact.id, buried: false });
    this.#world.bus.publish([fact]);
    for (const observer of this.#observers) observer.phase(instance, fact);
    if (instance.gone && isDown(phase)) this.#bury(instance, fact.id);
  }

  /** A flag may change where the phase does not; the store is told both in the same way. */
  #flags(instance: Instance, before: InstanceContext): void {
    const { up, ready, healthy, then, retries } = instance.context;
    const isSame = up === before.up && ready === before.ready && healthy === before.healthy;
    if (isSame && then === before.then && retries === before.retries) return;
    const cause = this.#cause === 0 ? this.#world.history.nextId - 1 : this.#cause;
    this.#changed.set(instance.name, { instance, cause, buried: false });
    if (isSame) return;
    for (const observer of this.#observers) observer.flags?.(instance, before, cause);
  }

  #ofService(service: string): Set<Instance> {
    let instances = this.#byService.get(service);
    if (instances === undefined) {
      instances = new Set();
      this.#byService.set(service, instances);
    }
    return instances;
  }

  #bury(instance: Instance, cause: number): void {
    instance.actor.stop();
    this.#byName.delete(instance.name);
    this.#ofService(instance.service).delete(instance);
    this.#changed.set(instance.name, { instance, cause, buried: true });
    for (const observer of this.#observers) observer.buried?.(instance);
  }

  /** A fault in a machine or in what it asked for: an actor that threw takes no more events. */
  #broken(instance: Instance, error: unknown): void {
    this.#world.log.error({ service: instance.name, err: error }, "the actor of an instance failed; its process is killed");
    this.#requests.kill(instance);
    instance.context = { ...instance.context, reason: `a fault in Rind: ${String(error)}`, outcome: "failure" };
    this.#phase(instance, "failed");
  }
}

/** What a new actor goes on from when the one before it broke. */
function endedBroken({ context }: Instance): EndedRun {
  return { phase: "failed", reason: context.reason, outcome: "failure", exit: context.exit, retries: context.retries };
}

function causesOf(instance: Instance): readonly number[] {
  return instance.lastFact === 0 ? [] : [instance.lastFact];
}
