/** Where the machine of an instance is (SPEC 6.3). */
export const PHASES = ["inactive", "blocked", "starting", "running", "stopping", "backoff", "exited", "failed"] as const;
export type Phase = (typeof PHASES)[number];

/** No process and none coming. */
export function isDown(phase: Phase): boolean {
  return phase === "inactive" || phase === "exited" || phase === "failed";
}

/** There is a process, or one is coming by itself. */
export function isUp(phase: Phase): boolean {
  return hasProcess(phase) || phase === "backoff";
}

/** A process may be alive. */
export function hasProcess(phase: Phase): boolean {
  return phase === "starting" || phase === "running" || phase === "stopping";
}
