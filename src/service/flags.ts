import type { ServiceIs } from "../model/condition.ts";
import { isDown, type Phase } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { InstanceContext } from "./instance-context.ts";

/** What other units may ask of an instance (SPEC 5, `is`), and the two flags that are shown (SPEC 6.3). */
export interface InstanceFlags {
  readonly is: Readonly<Record<ServiceIs, boolean>>;
  /** null without a process; a oneshot that succeeded: true. */
  readonly ready: boolean | null;
  /** null without a probe or a verdict. */
  readonly healthy: boolean | null;
}

/** What the flags of an instance are made from, beside its phase. */
export type RunState = Pick<InstanceContext, "outcome" | "up" | "ready" | "healthy">;

/** Of an instance that never ran. */
export const NO_RUN: RunState = { outcome: "none", up: false, ready: false, healthy: null };

export function instanceFlags({ type, health }: Pick<ServiceDecl, "type" | "health">, phase: Phase, run: RunState): InstanceFlags {
  const oneshot = type === "oneshot";
  const ended = (phase === "exited" || phase === "failed") && run.outcome !== "none";
  const succeeded = phase === "exited" && run.outcome === "success";
  const running = phase === "running";
  const up = running || phase === "stopping" || (phase === "starting" && run.up);
  const ready = oneshot ? succeeded : running && run.ready;
  const healthy = running ? run.healthy : null;
  return {
    is: {
      started: oneshot ? up || ended : up,
      ready,
      healthy: health === undefined ? ready : healthy === true,
      completed: ended,
      succeeded,
      failed: phase === "failed",
      stopped: isDown(phase),
    },
    ready: ready ? true : up || phase === "starting" ? false : null,
    healthy,
  };
}
