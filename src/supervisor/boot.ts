import type { Effect } from "../flow/flow.ts";
import type { Write } from "../model/change.ts";
import type { Fact, PhaseFact } from "../model/fact.ts";
import { instanceName } from "../model/name.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Store } from "../persist/store.ts";
import { BootWatch } from "./boot-watch.ts";
import { recall } from "./crash-recovery.ts";
import type { Demands } from "./demands.ts";
import { stateWrites, storedStates } from "./durable.ts";
import type { Guards } from "./guards.ts";
import type { Instance } from "./instance.ts";
import type { InstanceObserver, Instances } from "./instances.ts";
import { type StoredRuns, storedRuns } from "./run-records.ts";
import { allRows } from "./service-rows.ts";
import type { Sessions } from "./sessions.ts";
import type { UserFolders } from "./user-folders.ts";
import type { World } from "./world.ts";

/** What boot works on. */
export interface BootGround extends World {
  readonly store: Store;
  readonly instances: Instances;
  readonly guards: Guards;
  readonly demands: Demands;
  readonly sessions: Sessions;
  readonly userFolders: UserFolders;
  tell(effects: readonly Effect[], causeOf: (change: number) => number): void;
  runDue(states: readonly string[]): void;
  noteSetAside(writes: readonly Write[]): void;
  transact(what: string, act: (cause: number) => void): Promise<readonly Fact[]>;
}

export interface BootOptions {
  /** Names this boot of the machine; states that end with it are told apart by it. */
  readonly bootId: string;
  /** The branches of imported states. */
  readonly mirrored?: Iterable<Write>;
}

/**
 * The first transaction of a daemon: what is stored is back, all is judged, and what is to run is started. A daemon that follows one that died in the
 * same boot of the machine goes on from its run records, and nothing hears `rind@boot` (SPEC 6.1). When all that this has started runs, has ended or
 * waits, `rind@up` is set.
 */
export class Boot implements InstanceObserver {
  readonly #ground: BootGround;
  readonly #options: BootOptions;
  readonly #watch = new BootWatch();

  constructor(ground: BootGround, options: BootOptions) {
    this.#ground = ground;
    this.#options = options;
  }

  /** To be called once. */
  run(): Promise<readonly Fact[]> {
    const ground = this.#ground;
    const { bootId, mirrored } = this.#options;
    const { store } = ground;
    const runs = storedRuns(store);
    const follows = store.entries.get("daemon") === bootId;
    store.append([{ key: "daemon", value: bootId }]);
    this.#watch.begin();
    return ground.transact(follows ? "start of a daemon that follows one that died" : "boot", (cause) => {
      const { index, instances } = ground;
      const { kept, over } = ground.sessions.living(storedStates(store, bootId));
      store.append(stateWrites(over, index.program, bootId));
      const booted = ground.flow.boot([...kept, ...allRows(index, instances.all())], [], mirrored);
      ground.noteSetAside(booted.setAside);
      ground.tell(booted.effects, () => cause);
      ground.runDue(booted.due);
      for (const decl of index.services.values()) {
        if (follows) this.#goOn(decl, runs, cause);
        else ground.guards.add(decl, cause);
      }
      if (!follows) ground.later(() => ground.apply([{ op: "emit", signal: "rind@boot", payload: null }], [cause]));
      ground.later(() => ground.userFolders.releaseUnused());
    });
  }

  phase({ name }: Instance, { to }: Fact & PhaseFact): void {
    this.#watch.note(name, to === "starting");
  }

  /** Its branch is gone: there is nothing to wait for. */
  buried({ name }: Instance): void {
    this.#watch.note(name, false);
  }

  /** To be called at the end of each transaction. */
  checkUp(): void {
    const { door } = this.#ground;
    if (!this.#watch.isOver()) return;
    door.submit({
      what: "all that boot started runs, has ended or waits",
      act: (cause) => this.#ground.apply([{ op: "set", state: "rind@up", payload: undefined, replace: false }], [cause]),
    });
  }

  /** The guard of a service, from where the runs of a daemon that died left it. */
  #goOn(decl: ServiceDecl, runs: StoredRuns, cause: number): void {
    const { instances, demands, guards } = this.#ground;
    const { ended, again, waiting, known } = recall(decl, runs);
    for (const [key, end] of ended) instances.recall(decl, key, end);
    for (const [key, why] of waiting) demands.wait(decl, key, why, cause);
    const guard = guards.add(decl, cause, known);
    const reason = "it was up when its daemon died";
    for (const key of again)
      this.#ground.later(() => {
        // its branch may have ended with the daemon, or with the session that it was
        if (guard.judgements.has(key)) demands.byHand(instanceName(decl.name, key), "start", { force: false, cause, reason });
      });
  }
}
