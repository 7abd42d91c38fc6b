import { readdirSync, readFileSync } from "node:fs";

/** Pids of the living processes whose environment has this text: whatever a service started, wherever that has gone. Zombies do not live. */
export function livingWith(text: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (!Number.isInteger(pid)) return false;
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(text) && !stat.includes(") Z ");
      } catch {
        // it has ended between the list and the look
        return false;
      }
    });
}
