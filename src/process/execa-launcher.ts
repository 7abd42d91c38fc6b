import type { execa as execaFunction } from "execa";
import type { Exit, LaunchFailure } from "../model/exit.ts";
import { explainRefusal } from "./explain-refusal.ts";
import type { Launcher, LaunchPlan, ProcessListener } from "./launcher.ts";
import { nextMark, withMark } from "./mark.ts";
import { withOwnPid } from "./own-pid.ts";
import { prepareLaunch, readersOf } from "./prepare-launch.ts";
import { followProcess } from "./process-handle.ts";
import { ProcessKin } from "./process-kin.ts";
import { nativeLack } from "./sys.ts";

/** Starts processes by fork and exec in the daemon itself, each in a session of its own: what can be had without the native part. */
export const execaLauncher: Launcher = {
  launch: (plan, listener) => {
    // Where there is the native part it is never needed.
    import("execa").then(
      ({ execa }) => launch(execa, plan, listener),
      (error: unknown) => listener.refused({ kind: "system", message: `execa cannot be loaded: ${String(error)}` }),
    );
  },
};

function launch(execa: typeof execaFunction, plan: LaunchPlan, listener: ProcessListener): void {
  const beyond = beyondNode(plan);
  if (beyond !== undefined) {
    listener.refused(beyond);
    return;
  }
  const preparation = prepareLaunch(plan);
  if (!preparation.ok) {
    listener.refused(preparation.failure);
    return;
  }
  const { prepared } = preparation;
  const mark = nextMark();
  const words = withOwnPid(prepared.path, plan);
  const child = execa(words.program, words.args, {
    cwd: plan.cwd,
    env: withMark(plan.env, mark),
    extendEnv: false,
    detached: true,
    cleanup: false,
    // The promise waits for whoever holds the pipes, collects what they print, and rejects: events tell all that is needed.
    reject: false,
    buffer: false,
    encoding: "buffer",
    // Its types know the descriptors up to 9 only.
    stdin: (prepared.stdin as 3 | undefined) ?? "ignore",
    stdout: prepared.pipes?.stdout.childEnd as 3 | "pipe",
    stderr: prepared.pipes?.stderr.childEnd as 3 | "pipe",
  });
  prepared.closeStdin();
  // The reason of a failed fork comes as an event, too late for the answer.
  child.on("error", () => {});
  if (child.pid === undefined) {
    prepared.drop();
    listener.refused(explainRefusal(plan, prepared.path));
    return;
  }
  const outputs = readersOf(prepared.pipes, child);
  const kin = new ProcessKin(child.pid, mark, undefined);
  child.once("exit", (code, killSignal) => kin.mainExited(() => listener.exited(exitOf(code, killSignal))));
  listener.started(followProcess(kin, outputs, listener));
}

/** What Node cannot do to a process that it starts: it would run as somebody else, or with more than it may have, without a word. */
function beyondNode({ identity, umask, nice, oomScoreAdj, rlimits = [], tty }: LaunchPlan): LaunchFailure | undefined {
  const asked = Object.entries({ "another user": identity, umask, nice, "oom-score-adj": oomScoreAdj, rlimits: rlimits[0], tty })
    .filter(([, value]) => value !== undefined)
    .map(([what]) => what);
  if (asked.length === 0) return undefined;
  const why = nativeLack() ?? "it is not used here";
  return {
    kind: "bad-plan",
    message: `its unit asks for ${asked.join(", ")}, which takes the native part of Rind, and there is none (${why}): build it, or leave that out`,
  };
}

function exitOf(code: number | null, killSignal: NodeJS.Signals | null): Exit {
  return killSignal === null ? { kind: "code", code: code ?? 0 } : { kind: "killed", by: killSignal };
}
