import { closeSync } from "node:fs";
import type { LaunchFailure } from "../model/exit.ts";
import { cgroups } from "./cgroup.ts";
import { explainStep } from "./explain-step.ts";
import { launchThread } from "./launch-thread.ts";
import type { Identity, Launcher, LaunchPlan, ProcessListener } from "./launcher.ts";
import { MARK, nextMark } from "./mark.ts";
import { openStdin } from "./open-stdin.ts";
import { type OutputListener, type OutputReading, readOutput } from "./output-reader.ts";
import { lookAtLaunch } from "./prepare-launch.ts";
import { followProcess } from "./process-handle.ts";
import { ProcessKin } from "./process-kin.ts";
import { programPath } from "./program-path.ts";
import { reaper } from "./reaper.ts";
import { forgetStart, noteStart } from "./start-times.ts";
import type { Spawned } from "./spawn-request.ts";
import type { Sys } from "./sys.ts";

/**
 * Starts processes with the native part, each in a session of its own, with all that its plan says: user, limits, terminal.
 *
 * Owns that such a process is never Node's, so that it is reaped here, and that one that could not become what its plan says never runs its program.
 * What is against a start is looked for when it has failed: most do not.
 */
export class NativeLauncher implements Launcher {
  readonly #sys: Sys;

  constructor(sys: Sys) {
    this.#sys = sys;
  }

  launch(plan: LaunchPlan, listener: ProcessListener): void {
    const path = programPath(plan);
    const stdin = openStdin(plan.tty === undefined ? plan.stdin : undefined);
    if (path === undefined || !stdin.ok) {
      if (stdin.ok) closeFile(stdin.file);
      listener.refused(obstacle(plan) ?? (stdin.ok ? goneMeanwhile(plan) : stdin.failure));
      return;
    }
    const mark = nextMark();
    const cgroup = cgroups.folderOf(mark);
    const onReport = (spawned: Spawned): void => {
      closeFile(stdin.file);
      if (spawned.ok) this.#started(spawned, mark, cgroup, listener);
      else listener.refused((spawned.code === "ETIMEDOUT" ? undefined : obstacle(plan)) ?? explainStep(spawned, plan, path));
    };
    const failure = this.#start(plan, path, { mark, cgroup, stdin: stdin.file }, onReport);
    if (failure === undefined) return;
    closeFile(stdin.file);
    listener.refused(failure);
  }

  /** Why it has not even begun. */
  #start(
    plan: LaunchPlan,
    path: string,
    { mark, cgroup, stdin }: { readonly mark: string; readonly cgroup: string | undefined; readonly stdin: number | undefined },
    onReport: (spawned: Spawned) => void,
  ): LaunchFailure | undefined {
    const { env, cwd, tty, umask, nice, oomScoreAdj, pidVariables = [], rlimits = [] } = plan;
    const request = {
      path,
      args: [path, ...plan.args],
      env,
      more: [[MARK, mark]] as const,
      pidVariables,
      cwd,
      stdin,
      tty,
      identity: other(plan.identity),
      umask,
      nice,
      oomScoreAdj,
      rlimits,
      cgroup,
    };
    try {
      if (launchThread(this.#sys).start(request, onReport)) return undefined;
    } catch (error) {
      return { kind: "system", message: `no process can be made for it: ${error instanceof Error ? error.message : String(error)}` };
    }
    return obstacle(plan) ?? goneMeanwhile(plan);
  }

  #started(spawned: Spawned & { readonly ok: true }, mark: string, cgroup: string | undefined, listener: ProcessListener): void {
    const { pid, inCgroup, outputs, began } = spawned;
    const read =
      (fd: number) =>
      (listener: OutputListener): OutputReading =>
        readOutput(fd, listener);
    const readers = outputs && { stdout: read(outputs.stdout), stderr: read(outputs.stderr) };
    noteStart(pid, began);
    const kin = new ProcessKin(pid, mark, inCgroup ? cgroup : undefined);
    reaper.expect(pid, (exit) => {
      forgetStart(pid);
      kin.mainExited(() => listener.exited(exit));
    });
    listener.started(followProcess(kin, readers, listener));
  }
}

function obstacle(plan: LaunchPlan): LaunchFailure | undefined {
  const looked = lookAtLaunch(plan);
  return looked.ok ? undefined : looked.failure;
}

/** What could not be started a moment ago, and now there is nothing against it. */
function goneMeanwhile({ program }: LaunchPlan): LaunchFailure {
  return { kind: "system", message: `${program} could not be started, and nothing is seen to be against it any more: start it again` };
}

function closeFile(file: number | undefined): void {
  if (file !== undefined) closeSync(file);
}

/** To become who one is takes rights all the same, if groups are set; who has them may set other groups. */
function other(identity: Identity | undefined): Identity | undefined {
  if (identity === undefined || process.geteuid?.() === 0) return identity;
  return identity.uid === process.getuid?.() && identity.gid === process.getgid?.() ? undefined : identity;
}
