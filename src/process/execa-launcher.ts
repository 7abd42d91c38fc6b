import { closeSync } from "node:fs";
import { execa } from "execa";
import type { Exit, LaunchFailure } from "../model/exit.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { findProgram, folderObstacle } from "./find-program.ts";
import type { Launched, Launcher, LaunchPlan, OutputStream, ProcessHandle, ProcessListener } from "./launcher.ts";
import { nextMark, withMark } from "./mark.ts";
import { openStdin } from "./open-stdin.ts";
import { withOwnPid } from "./own-pid.ts";
import { openOutputPipe, type OutputPipe } from "./output-pipe.ts";
import { planFlaw } from "./plan-flaw.ts";
import { ProcessKin } from "./process-kin.ts";

/** Starts processes by fork and exec in the daemon itself, each in a session of its own. */
export const execaLauncher: Launcher = { launch };

function launch(plan: LaunchPlan, listener: ProcessListener): Launched {
  const flaw = planFlaw(plan) ?? folderObstacle(plan.cwd);
  if (flaw !== undefined) return { ok: false, failure: flaw };
  const program = findProgram(plan.program, plan.env["PATH"], plan.cwd);
  if (!program.ok) return program;
  const stdin = openStdin(plan.stdin);
  if (!stdin.ok) return stdin;

  const pipes = openPipes(plan);
  if ("failure" in pipes) {
    if (stdin.file !== undefined) closeSync(stdin.file);
    return { ok: false, failure: pipes.failure };
  }
  const mark = nextMark();
  const words = withOwnPid(program.path, plan);
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
    stdin: (stdin.file as 3 | undefined) ?? "ignore",
    stdout: pipes.stdout.childEnd,
    stderr: pipes.stderr.childEnd,
  });
  if (stdin.file !== undefined) closeSync(stdin.file);
  // The reason of a failed fork comes as an event, too late for the answer.
  child.on("error", () => {});
  if (child.pid === undefined) {
    for (const pipe of Object.values(pipes)) pipe.drop();
    return { ok: false, failure: explainRefusal(plan, program.path) };
  }
  const outputs = { stdout: pipes.stdout.reader(child.stdout), stderr: pipes.stderr.reader(child.stderr) };

  const kin = new ProcessKin(child.pid, mark);
  child.once("exit", (code, killSignal) => kin.mainExited(() => listener.exited(exitOf(code, killSignal))));
  let open = 2;
  for (const stream of ["stdout", "stderr"] as const satisfies readonly OutputStream[]) {
    outputs[stream].on("data", (bytes: Buffer) => listener.output(stream, bytes));
    // an error of a pipe is its end
    outputs[stream].on("error", () => {});
    outputs[stream].once("close", () => {
      open -= 1;
      if (open === 0) listener.outputEnded();
    });
  }
  const handle: ProcessHandle = {
    pid: kin.pid,
    signal: (killSignal) => kin.signal(killSignal),
    signalMain: (killSignal) => kin.signalMain(killSignal),
    mainPid: () => kin.mainPid(),
    nameMain: (pid) => kin.nameMain(pid),
    alive: () => kin.alive(),
    living: () => kin.living(),
    whenGone: (onGone) => kin.whenGone(onGone),
    pauseOutput: (stream) => void outputs[stream].pause(),
    resumeOutput: (stream) => void outputs[stream].resume(),
  };
  return { ok: true, handle };
}

type Pipes = { readonly [S in OutputStream]: OutputPipe };

/** Both pipes, or why not: the daemon has no descriptors left. */
function openPipes(plan: LaunchPlan): Pipes | { readonly failure: LaunchFailure } {
  let stdout: OutputPipe | undefined;
  try {
    stdout = openOutputPipe();
    return { stdout, stderr: openOutputPipe() };
  } catch (error) {
    stdout?.drop();
    const why = error instanceof Error ? error.message : String(error);
    return { failure: { kind: "system", message: `no pipe can be made for the output of ${plan.instance} (${why})` } };
  }
}

function exitOf(code: number | null, killSignal: NodeJS.Signals | null): Exit {
  return killSignal === null ? { kind: "code", code: code ?? 0 } : { kind: "killed", by: killSignal };
}
