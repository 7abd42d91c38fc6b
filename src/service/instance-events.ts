import type { Exit, LaunchFailure } from "../model/exit.ts";
import type { InstancePolicy } from "./instance-policy.ts";

/** What is asked of an instance (imperative) and what its process did (past tense). */
export type InstanceEvent =
  /** `by`: conditions change nothing during backoff, a hand does. `open`: nothing is unmet. `circle`: counts as a restart (SPEC 5). */
  | {
      readonly type: "service.start";
      readonly by: "conditions" | "hand";
      readonly open: boolean;
      readonly circle: boolean;
      readonly reason: string;
    }
  | { readonly type: "service.stop"; readonly force: boolean; readonly reason: string }
  | { readonly type: "service.restart"; readonly reason: string }
  | { readonly type: "gate.changed"; readonly open: boolean }
  | { readonly type: "policy.changed"; readonly policy: InstancePolicy }
  | { readonly type: "process.started" }
  | { readonly type: "process.refused"; readonly failure: LaunchFailure }
  /** `left`: something of its group still lives; `process.gone` follows when that is over. */
  | { readonly type: "process.exited"; readonly exit: Exit; readonly left: boolean }
  | { readonly type: "process.gone" }
  /** The run has lasted `stable-after`. */
  | { readonly type: "run.stable" }
  /** The whole run of a oneshot has lasted `start-timeout`. */
  | { readonly type: "run.overdue" }
  /** The delay of a start that counts as a restart is over. */
  | { readonly type: "pause.over" };
