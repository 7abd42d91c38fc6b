import type { Bus } from "../bus/bus.ts";
import type { Flow } from "../flow/flow.ts";
import type { Clock } from "../lib/clock.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { Change } from "../model/change.ts";
import type { Json } from "../model/json.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Door } from "./door.ts";
import type { History } from "./history.ts";
import type { Instance, SettledUser } from "./instance.ts";
import type { RunUser } from "./run-user.ts";
import type { UnitIndex } from "./unit-index.ts";

/** As whom instances run (SPEC 6.9). */
export interface InstanceUsers {
  /** As whom the daemon runs. */
  readonly daemonUid: number;
  /** Why an instance has to wait for its user; undefined: it is named, or can never be. Asked while conditions are judged. */
  waitsFor(decl: ServiceDecl, key: string, instance: Instance | undefined): string | undefined;
  /** A new start: as whom it runs is found out anew at its launch, unless only the run before could say. */
  forget(instance: Instance): void;
  /** As whom it is launched now: who the same user is by now, where this is a restart. */
  atLaunch(instance: Instance): RunUser;
  /** As whom its last run runs or ran, or as whom it would run if it never did. */
  of(instance: Instance): RunUser;
  /** The runtime folder of that user, made if need be; undefined: that of the daemon, or there can be none. */
  folderFor(settled: SettledUser): string | undefined;
}

/** What the parts of the supervisor share. `flow` and `index` are replaced by a reload: read them anew each time. */
export interface World {
  readonly door: Door;
  readonly history: History;
  readonly bus: Bus;
  readonly clock: Clock;
  /** From 0 to 1: what spreads retries. */
  readonly random: () => number;
  readonly log: DaemonLog;
  readonly flow: Flow;
  readonly index: UnitIndex;
  /** Carries changes through the flow and tells everybody; `causes` has one id for each change. Inside a transaction only. */
  apply(changes: readonly Change[], causes: readonly number[]): boolean;
  /** Queues a change of a hook: a round of its own, after the phase changes that are waiting. Inside a transaction only. */
  later(work: () => void): void;
  variable(name: string): Json | undefined;
  readonly users: InstanceUsers;
}
