import type { HealthDecl, RestartPolicy, ServiceDecl, WatchdogDecl } from "../model/unit-set.ts";

/** What the machine needs of a unit; replaced as a whole by a reload. */
export interface InstancePolicy {
  readonly type: ServiceDecl["type"];
  readonly restart: RestartPolicy;
  readonly successExitCodes: readonly number[];
  readonly startTimeoutMs: number | undefined;
  readonly stopTimeoutMs: number;
  /** From the start of its process until the first moment at which its readiness may be known; undefined: ready when the process is up. */
  readonly readyDelayMs: number | undefined;
  /** undefined: nobody looks at its health. */
  readonly onUnhealthy: HealthDecl["onUnhealthy"] | undefined;
  readonly onWatchdog: WatchdogDecl["action"] | undefined;
}

export function instancePolicy(decl: ServiceDecl): InstancePolicy {
  const { type, restart, successExitCodes, startTimeoutMs, stopTimeoutMs, ready, health, watchdog } = decl;
  return {
    type,
    restart,
    successExitCodes,
    startTimeoutMs,
    stopTimeoutMs,
    // a oneshot is ready when it has succeeded
    readyDelayMs: type === "oneshot" ? undefined : ready?.initialDelayMs,
    onUnhealthy: health?.onUnhealthy,
    onWatchdog: watchdog?.action,
  };
}
