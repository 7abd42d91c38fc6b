import type { RestartPolicy, ServiceDecl } from "../model/unit-set.ts";

/** What the machine needs of a unit; replaced as a whole by a reload. */
export interface InstancePolicy {
  readonly type: ServiceDecl["type"];
  readonly restart: RestartPolicy;
  readonly successExitCodes: readonly number[];
  readonly startTimeoutMs: number | undefined;
  readonly stopTimeoutMs: number;
}

export function instancePolicy(decl: ServiceDecl): InstancePolicy {
  const { type, restart, successExitCodes, startTimeoutMs, stopTimeoutMs } = decl;
  return { type, restart, successExitCodes, startTimeoutMs, stopTimeoutMs };
}
