import type { ServiceIs } from "../model/condition.ts";
import { isDown, type Phase } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Outcome } from "./instance-context.ts";

/** What other units may ask of an instance (SPEC 5, `is`), and the two flags that are shown (SPEC 6.3). */
export interface InstanceFlags {
  readonly is: Readonly<Record<ServiceIs, boolean>>;
  /** null without a process; a oneshot that succeeded: true. */
  readonly ready: boolean | null;
  readonly healthy: boolean | null;
}

export function instanceFlags(type: ServiceDecl["type"], phase: Phase, outcome: Outcome): InstanceFlags {
  const oneshot = type === "oneshot";
  const ended = (phase === "exited" || phase === "failed") && outcome !== "none";
  const succeeded = phase === "exited" && outcome === "success";
  const up = phase === "running" || phase === "stopping";
  const ready = oneshot ? succeeded : phase === "running";
  return {
    is: {
      started: oneshot ? up || ended : up,
      ready,
      healthy: ready,
      completed: ended,
      succeeded,
      failed: phase === "failed",
      stopped: isDown(phase),
    },
    ready: ready ? true : up || phase === "starting" ? false : null,
    healthy: null,
  };
}
