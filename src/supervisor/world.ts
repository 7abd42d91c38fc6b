import type { Bus } from "../bus/bus.ts";
import type { Flow } from "../flow/flow.ts";
import type { Clock } from "../lib/clock.ts";
import type { DaemonLog } from "../log/daemon-log.ts";
import type { Change } from "../model/change.ts";
import type { Json } from "../model/json.ts";
import type { Door } from "./door.ts";
import type { History } from "./history.ts";
import type { UnitIndex } from "./unit-index.ts";

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
}
