import { explainStep } from "./explain-step.ts";
import { cgroups } from "./cgroup.ts";
import type { Identity, Launched, Launcher, LaunchPlan, ProcessListener } from "./launcher.ts";
import { nextMark, withMark } from "./mark.ts";
import { type PreparedLaunch, prepareLaunch, readersOf } from "./prepare-launch.ts";
import type { OutputPipe } from "./output-pipe.ts";
import { followProcess } from "./process-handle.ts";
import { ProcessKin } from "./process-kin.ts";
import { reaper } from "./reaper.ts";
import type { Spawned } from "./spawn-request.ts";
import type { Sys } from "./sys.ts";

/**
 * Starts processes with the native part, each in a session of its own, with all that its plan says: user, limits, terminal.
 *
 * Owns that such a process is never Node's, so that it is reaped here, and that one that could not become what its plan says never runs its program.
 */
export class NativeLauncher implements Launcher {
  readonly #sys: Sys;

  constructor(sys: Sys) {
    this.#sys = sys;
  }

  launch(plan: LaunchPlan, listener: ProcessListener): Launched {
    const preparation = prepareLaunch(plan);
    if (!preparation.ok) return preparation;
    const { prepared } = preparation;
    const mark = nextMark();
    const seat = cgroups.prepare(mark);
    const spawned = this.#spawn(plan, prepared, mark, seat?.fd);
    prepared.closeStdin();
    if (!spawned.ok) {
      prepared.drop();
      seat?.remove();
      return { ok: false, failure: explainStep(spawned, plan, prepared.path) };
    }
    seat?.close();
    const outputs = readersOf(prepared.pipes);
    const kin = new ProcessKin(spawned.pid, mark, spawned.inCgroup);
    reaper.expect(spawned.pid, (exit) => kin.mainExited(() => listener.exited(exit)));
    return { ok: true, handle: followProcess(kin, outputs, listener) };
  }

  #spawn(plan: LaunchPlan, { path, stdin, pipes }: PreparedLaunch, mark: string, cgroup: number | undefined): Spawned {
    const { cwd, tty, umask, nice, oomScoreAdj, pidVariables = [], rlimits = [] } = plan;
    return this.#sys.spawn({
      path,
      args: [path, ...plan.args],
      env: withMark(plan.env, mark),
      pidVariables,
      cwd,
      stdin,
      stdout: descriptorOf(pipes?.stdout),
      stderr: descriptorOf(pipes?.stderr),
      tty,
      identity: other(plan.identity),
      umask,
      nice,
      oomScoreAdj,
      rlimits,
      cgroup,
    });
  }
}

function descriptorOf(pipe: OutputPipe | undefined): number | undefined {
  return typeof pipe?.childEnd === "number" ? pipe.childEnd : undefined;
}

/** To become who one is takes rights all the same, if groups are set; who has them may set other groups. */
function other(identity: Identity | undefined): Identity | undefined {
  const isOwn = process.geteuid?.() !== 0 && identity?.uid === process.getuid?.() && identity?.gid === process.getgid?.();
  return isOwn ? undefined : identity;
}
