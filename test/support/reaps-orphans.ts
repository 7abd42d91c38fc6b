import { reaper } from "../../src/process/reaper.ts";

/** Makes the process of this test file the one that orphans come to, as the daemon is. */
export function reapsOrphans(): void {
  const lack = reaper.start();
  if (lack !== undefined) throw new Error(lack);
}
