import { realpathSync } from "node:fs";
import { registerProject, type RunningProject, unregisterProject } from "../control/projects.ts";
import type { DaemonLog } from "../log/daemon-log.ts";

/** Makes the daemon known to `rind` in its folder; where that cannot be, its socket has to be named. Returns the way to take it back. */
export function announce(self: RunningProject, uid: number, log: DaemonLog): () => void {
  try {
    const running: RunningProject = { ...self, project: realpathSync(self.project), cwd: realpathSync(self.cwd) };
    registerProject(running, process.env, uid);
    return () => unregisterProject(running, process.env, uid);
  } catch (error) {
    log.warn({ err: error, socket: self.socket }, "this daemon cannot be found by its folder: name its socket with --socket");
    return () => {};
  }
}
