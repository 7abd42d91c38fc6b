import type { Exit, LaunchFailure } from "../model/exit.ts";
import type { InstancePolicy } from "./instance-policy.ts";

/** What is asked of an instance (imperative) and what its process did (past tense). */
export type InstanceEvent =
  /** Its first, by the name that XState gives it: sent by nobody. */
  | { readonly type: "xstate.init" }
  /** `by`: conditions change nothing during backoff, a hand does. `open`: nothing is unmet. `circle`: counts as a restart (SPEC 5). */
  | {
      readonly type: "service.start";
      readonly by: "conditions" | "hand";
      readonly open: boolean;
      readonly circle: boolean;
      readonly reason: string;
    }
  /**
   * `hold`: it is `stopping`, but nothing is sent to its process and its time does not run before `stop.released`; `force` (SIGKILL at
   * once) passes over that.
   */
  | { readonly type: "service.stop"; readonly force: boolean; readonly hold: boolean; readonly reason: string }
  /** What had to be down before it is down. Nothing happens where no stop is held. */
  | { readonly type: "stop.released" }
  /** `circle`: as of a start. */
  | { readonly type: "service.restart"; readonly circle: boolean; readonly reason: string }
  | { readonly type: "gate.changed"; readonly open: boolean }
  | { readonly type: "policy.changed"; readonly policy: InstancePolicy }
  | { readonly type: "process.started" }
  | { readonly type: "process.refused"; readonly failure: LaunchFailure }
  /** `left`: something of it still lives; `process.gone` follows when that is over. */
  | { readonly type: "process.exited"; readonly exit: Exit; readonly left: boolean }
  | { readonly type: "process.gone" }
  /** The verdict of its readiness probe; `reason`: what the probe saw, without a subject ("tcp 127.0.0.1:80: connection refused"). */
  | { readonly type: "ready.changed"; readonly ready: boolean; readonly reason: string }
  /** The verdict of its health probe; `reason` as above. */
  | { readonly type: "health.changed"; readonly healthy: boolean; readonly reason: string }
  /** No sign of life within the interval of its watchdog. */
  | { readonly type: "watchdog.missed"; readonly reason: string }
  /** It may take at least so long from now until it is ready, or, while it is being stopped, until it has ended (EXTEND_TIMEOUT_USEC). */
  | { readonly type: "start.extended"; readonly ms: number }
  /** The run has lasted `stable-after`. */
  | { readonly type: "run.stable" }
  /** `start-timeout` is over: of a oneshot the time for its whole run. */
  | { readonly type: "run.overdue" }
  /** `stop-timeout` is over. */
  | { readonly type: "stop.overdue" }
  /** The delay of a retry is over. */
  | { readonly type: "backoff.over" }
  /** The delay of a start that counts as a restart is over. */
  | { readonly type: "pause.over" };
