/** What becomes of the machine when everything has been stopped. `halt`: it stops, and stays on. */
export const POWER_ACTIONS = ["poweroff", "reboot", "halt"] as const;
export type PowerAction = (typeof POWER_ACTIONS)[number];

/** The verb, for people. */
export function describePower(action: PowerAction): string {
  return action === "poweroff" ? "power off" : action;
}
