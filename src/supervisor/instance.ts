import type { Exit } from "../model/exit.ts";
import type { Json } from "../model/json.ts";
import type { Phase } from "../model/phase.ts";
import type { ServiceDecl, Settings } from "../model/unit-set.ts";
import type { ProcessHandle } from "../process/launcher.ts";
import type { InstanceActor } from "../service/instance-actor.ts";
import type { InstanceContext } from "../service/instance-context.ts";
import type { RunUser } from "./run-user.ts";

export type SettledUser = Extract<RunUser, { readonly kind: "daemon" | "user" }>;

/** A process of an instance, from its launch until all of it is gone. */
export interface RunningProcess {
  readonly handle: ProcessHandle;
  /** By `Clock.now`. */
  readonly startedAt: number;
  /** Set when the main process has ended while something of its group still lives. */
  exit: Exit | undefined;
  /** What was done last to end it; undefined: nothing yet. */
  ending: "command" | "signal" | "kill" | undefined;
}

/** One instance: its actor, and what the supervisor knows beside it. Only `Instances` and `Processes` write to it. */
export interface Instance {
  readonly name: string;
  readonly service: string;
  readonly key: string;
  /** The unit as it is now; of a removed service, as it was last. */
  decl: ServiceDecl;
  actor: InstanceActor;
  /** What its actor has written down, as of the last event that it took. */
  context: InstanceContext;
  phase: Phase;
  /** By `Clock.now`. */
  since: number;
  process: RunningProcess | undefined;
  /** The newest fact about it: what its process does goes back to it. */
  lastFact: number;
  /** The newest fact at the time at which its branch came; 0: it needs none. */
  readonly bornFact: number;
  /** The fact with which its last run began; 0: there was none. */
  runFact: number;
  /** Kept over restarts: payload of the signal that started it, and the oldest of its branches at that moment. */
  startSignal: Json | undefined;
  ownBranch: Json | undefined;
  /** As whom its last run runs or ran, kept over restarts; undefined: it never ran. */
  user: SettledUser | undefined;
  /** Its branch is gone: it goes too, once it is down. */
  gone: boolean;
  /**
   * As whom its last process ran, and from which line of output on (`since`) all is this user's: earlier ones may be another's. undefined: as the
   * daemon, or it never ran.
   */
  ran: { readonly uid: number; readonly since: number } | undefined;
  /** What its process was started with. */
  launchedWith: { readonly decl: ServiceDecl; readonly settings: Settings } | undefined;
}
