import { Bus } from "../bus/bus.ts";
import { type Effect, Flow } from "../flow/flow.ts";
import type { Program } from "../flow/program.ts";
import type { Clock } from "../lib/clock.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { LogRing } from "../log/log-ring.ts";
import type { Change, Write } from "../model/change.ts";
import type { Fact, PhaseFact } from "../model/fact.ts";
import type { Json } from "../model/json.ts";
import { isDown, isUp } from "../model/phase.ts";
import type { UnitSet } from "../model/unit-set.ts";
import type { Launcher } from "../process/launcher.ts";
import type { Store } from "../persist/store.ts";
import { runAutoPayload } from "./auto-payload.ts";
import { Boot } from "./boot.ts";
import { Demands } from "./demands.ts";
import { Door } from "./door.ts";
import { stateWrites, storedVariables } from "./durable.ts";
import { GoneLogs } from "./gone-logs.ts";
import { Guards } from "./guards.ts";
import { HeldStops } from "./held-stops.ts";
import { HookRunner } from "./hook-runner.ts";
import { History } from "./history.ts";
import type { Instance } from "./instance.ts";
import { LifeHooks } from "./life-hooks.ts";
import { Instances } from "./instances.ts";
import type { LaunchGround } from "./launch-plan.ts";
import { Outputs } from "./outputs.ts";
import { type Prober, systemProber } from "./prober.ts";
import { Probing } from "./probing.ts";
import { Processes } from "./processes.ts";
import { RunRecorder } from "./run-recorder.ts";
import { Sessions } from "./sessions.ts";
import { systemUsers, type UserSide } from "./system-users.ts";
import { UnitIndex, variableValue } from "./unit-index.ts";
import { UserFolders } from "./user-folders.ts";
import { Users } from "./users.ts";
import type { World } from "./world.ts";

export interface SupervisorOptions {
  readonly units: UnitSet;
  readonly program: Program;
  readonly clock: Clock;
  /** From 0 to 1; default `Math.random`. */
  readonly random?: () => number;
  readonly launcher: Launcher;
  readonly store: Store;
  readonly ring: LogRing;
  readonly log: DaemonLog;
  /** Names this boot of the machine; states that end with it are told apart by it. */
  readonly bootId: string;
  /** Tells a process from a later one with the same pid; undefined where there is no such process. */
  readonly pidStart: (pid: number) => string | undefined;
  /** The environment that variables are read from. */
  readonly env: NodeJS.ProcessEnv;
  /** What services get of it. */
  readonly baseEnv: Readonly<Record<string, string>>;
  readonly project: string;
  readonly socket: string | undefined;
  /** The branches of imported states. */
  readonly mirrored?: Iterable<Write>;
  /** Default: looks at the system itself. */
  readonly prober?: Prober;
  /** Default: those of the system. */
  readonly users?: UserSide;
}

/** How many facts `trace` and `why` can look back on. */
const HISTORY = 8_192;

/**
 * The middle of Rind: takes outside events through its one door, lets the flow say what follows for states and signals, the guards
 * what follows for services, and carries each transaction through its rounds to the end (SPEC 5). It owns the flow, the guards and
 * the instances, and is the only one who changes them.
 */
export class Supervisor implements World {
  readonly history: History;
  readonly door: Door;
  readonly bus = new Bus();
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: DaemonLog;
  readonly store: Store;
  readonly ring: LogRing;
  readonly outputs: Outputs;
  readonly instances: Instances;
  readonly guards: Guards;
  readonly heldStops: HeldStops;
  readonly users: Users;
  readonly userFolders: UserFolders;
  readonly sessions: Sessions;
  readonly probing: Probing;
  readonly project: string;
  /** By `Clock.now`. */
  readonly startedAt: number;
  readonly #options: SupervisorOptions;
  readonly #processes: Processes;
  readonly #hooks: HookRunner;
  readonly #demands: Demands;
  readonly #overrides: Map<string, Json>;
  #flow: Flow;
  #index: UnitIndex;
  /** Stored states whose declaration is gone or no longer fits: they return with it. */
  #setAside: readonly Write[] = [];
  #seen = new Set<string>();
  #later: (() => void)[] = [];
  #laterDone = 0;
  readonly #onReplace = new Set<() => void>();
  readonly #recorder: RunRecorder;
  readonly #boot: Boot;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.random = options.random ?? Math.random;
    this.log = options.log;
    this.store = options.store;
    this.ring = options.ring;
    this.outputs = new Outputs(options);
    this.project = options.project;
    this.startedAt = options.clock.now();
    this.#overrides = storedVariables(options.store);
    this.#index = new UnitIndex(options.units, options.program);
    this.#flow = new Flow(options.program);
    this.history = new History(HISTORY, () => this.clock.date(this.clock.now()));
    this.door = new Door(this.history, {
      judge: () => this.#demands.carryOut(this.guards.judge()),
      next: () => this.#nextRound(),
      cut: (rounds) => this.#cut(rounds),
      ended: () => this.#ended(),
      fault: (error, what) => this.log.error({ err: error, event: what }, "a fault in Rind while it handled an event"),
    });
    const { users = systemUsers(), store, bootId } = options;
    this.userFolders = new UserFolders(this, { maker: users.maker, store, bootId, instances: () => this.instances });
    this.users = new Users(this, users, this.userFolders);
    this.sessions = new Sessions(this, this.users, this.userFolders, users.leaders);
    this.probing = new Probing(this, {
      prober: options.prober ?? systemProber,
      instances: () => this.instances,
      surroundings: (instance) => this.#processes.surroundings(instance),
      socket: options.socket,
    });
    this.#processes = new Processes(this, {
      launcher: options.launcher,
      ring: options.ring,
      outputs: this.outputs,
      ground: () => this.launchGround(),
      watcher: this.probing,
      started: (instance, cause) => lifeHooks.started(instance, cause),
      ended: (instance, run, cause) => lifeHooks.ended(instance, run, cause),
    });
    this.instances = new Instances(this, this.#processes);
    this.#processes.connect(this.instances);
    this.guards = new Guards(this, this.instances);
    this.#recorder = new RunRecorder({ store, instances: this.instances, guards: this.guards, pidStart: options.pidStart });
    this.#boot = new Boot(this, options);
    this.instances.observe(this.#recorder);
    this.instances.observe(this.#boot);
    this.instances.observe({ phase: (instance, fact) => this.#phaseChanged(instance, fact) });
    this.instances.observe(this.probing);
    this.instances.observe(this.userFolders);
    this.heldStops = new HeldStops(this, this.instances);
    this.#demands = new Demands(this, this.instances, this.guards, {
      reload: (instance) => this.#processes.reload(instance),
      hold: (instance) => this.heldStops.hold(instance),
    });
    this.#hooks = new HookRunner(this, {
      ring: options.ring,
      surroundings: (instance) => this.#processes.surroundings(instance),
      request: (service, action, cause, why) => this.#demands.byHand(service, action, { force: false, cause, reason: why }),
    });
    const lifeHooks = new LifeHooks(this.#hooks);
    this.instances.observe(lifeHooks);
    this.instances.observe(new GoneLogs(options.ring));
  }

  get flow(): Flow {
    return this.#flow;
  }

  get index(): UnitIndex {
    return this.#index;
  }

  get demands(): Demands {
    return this.#demands;
  }

  get hooks(): HookRunner {
    return this.#hooks;
  }

  get overrides(): Map<string, Json> {
    return this.#overrides;
  }

  /** What every process that starts now gets. */
  launchGround(): LaunchGround {
    const { baseEnv, socket } = this.#options;
    return { baseEnv, settings: this.#index.units.settings, socket };
  }

  variable(name: string): Json | undefined {
    const decl = this.#index.variables.get(name);
    return decl === undefined ? undefined : variableValue(decl, this.#overrides, this.#options.env).value;
  }

  /** One outside event; resolves with the facts of its transaction when that has ended, rejects with what `act` threw. */
  transact(what: string, act: (cause: number) => void): Promise<readonly Fact[]> {
    return new Promise((done, failed) => this.door.submit({ what, act, done, failed }));
  }

  /** Brings back what is stored, judges everything, and starts what is to run. To be called once. */
  boot(): Promise<readonly Fact[]> {
    return this.#boot.run();
  }

  /** True where the store has changed, what is kept by hand included. */
  apply(changes: readonly Change[], causes: readonly number[]): boolean {
    const { effects, writes, due } = this.#flow.step(changes, this.#seen);
    const kept = stateWrites(writes, this.#index.program, this.#options.bootId);
    if (kept.length > 0) this.store.append(kept);
    this.tell(effects, (change) => causes[change] ?? 0);
    this.runDue(due);
    return writes.length > 0 || effects.some(({ fact }) => fact.kind === "state");
  }

  /** Takes the override of a variable, or takes it away. Inside a transaction only. */
  override(name: string, value: Json | undefined, cause: number): void {
    if (value === undefined) this.#overrides.delete(name);
    else this.#overrides.set(name, value);
    this.store.append([{ key: `variable ${name}`, value }]);
    this.guards.wakeAll(cause);
  }

  later(work: () => void): void {
    this.#later.push(work);
  }

  /** Records what a step of the flow has brought about, and publishes it as one batch. `causeOf` gives the fact behind a change. */
  tell(effects: readonly Effect[], causeOf: (change: number) => number): void {
    if (effects.length === 0) return;
    const first = this.history.nextId;
    this.bus.publish(
      effects.map(({ fact, because }) =>
        this.door.record(
          fact,
          because.map((at) => (at < 0 ? causeOf(-1 - at) : first + at)),
        ),
      ),
    );
  }

  runDue(states: readonly string[]): void {
    for (const name of states) {
      const decl = this.#index.states.get(name)?.autoPayload;
      if (decl !== undefined) runAutoPayload(name, decl, this, { env: this.#options.baseEnv, cwd: this.project });
    }
  }

  /** The units of from now on, with a flow that has been booted on what was set by hand. Inside a transaction only. */
  replace(index: UnitIndex, flow: Flow, setAside: readonly Write[]): void {
    this.#index = index;
    this.#flow = flow;
    this.noteSetAside(setAside);
    for (const listener of this.#onReplace) listener();
  }

  /** Calls `listener` each time other units are in force, inside of their transaction; returns the way to end it. */
  onReplace(listener: () => void): () => void {
    this.#onReplace.add(listener);
    return () => this.#onReplace.delete(listener);
  }

  get setAside(): readonly Write[] {
    return this.#setAside;
  }

  /** Stored states that stay as they are until their declaration is back. */
  noteSetAside(writes: readonly Write[]): void {
    this.#setAside = writes;
    for (const { state, key } of writes)
      this.log.warn(
        { state, key },
        "a stored state is set aside: its declaration is gone or does not fit; it returns with the declaration",
      );
  }

  #nextRound(): boolean {
    if (this.instances.hasChanges) {
      const { changes, causes } = this.instances.takeChanges();
      this.apply(changes, causes);
      return true;
    }
    const work = this.#later[this.#laterDone];
    if (work === undefined) {
      this.#later = [];
      this.#laterDone = 0;
      return this.guards.isAwake;
    }
    this.#laterDone++;
    work();
    return true;
  }

  #cut(rounds: number): void {
    this.#later = [];
    this.#laterDone = 0;
    this.log.error({ rounds }, "a transaction was cut: its consequences bring about each other without end (rind trace shows the circle)");
    if (this.instances.hasChanges) {
      const { changes, causes } = this.instances.takeChanges();
      this.apply(changes, causes);
    }
  }

  #ended(): void {
    this.#seen = new Set();
    this.#recorder.write();
    this.#boot.checkUp();
  }

  #phaseChanged(instance: Instance, fact: Fact & PhaseFact): void {
    const guard = this.guards.get(instance.service);
    if (isDown(fact.to)) guard?.down(instance.key, fact.id);
    const isLet = fact.to === "blocked" && guard?.judgements.get(instance.key)?.open === true;
    if (!isUp(fact.to) && !isLet) this.guards.released(instance, fact.id);
    this.heldStops.phaseChanged(instance, fact.id);
  }
}
