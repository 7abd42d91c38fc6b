import { closeSync } from "node:fs";
import type { Readable } from "node:stream";
import type { LaunchFailure } from "../model/exit.ts";
import { findProgram, folderObstacle, type FoundProgram } from "./find-program.ts";
import type { LaunchPlan, OutputStream } from "./launcher.ts";
import { openStdin } from "./open-stdin.ts";
import { openOutputPipe, type OutputPipe } from "./output-pipe.ts";
import { planFlaw } from "./plan-flaw.ts";
import type { Outputs } from "./process-handle.ts";

/** What any launcher has in hand just before it starts a process. */
export interface PreparedLaunch {
  /** Of the program. */
  readonly path: string;
  /** undefined: /dev/null, or a terminal. To be closed once the process has it. */
  readonly stdin: number | undefined;
  /** undefined: the process gets a terminal. */
  readonly pipes: Pipes | undefined;
  closeStdin(): void;
  /** Where there is no process. */
  drop(): void;
}

export type Pipes = { readonly [S in OutputStream]: OutputPipe };

export type Preparation =
  | { readonly ok: true; readonly prepared: PreparedLaunch }
  | { readonly ok: false; readonly failure: LaunchFailure };

/** The path of the program, or what can be seen to be against a start: texts, folder and program, in this order, so that each obstacle has its own sentence. */
export function lookAtLaunch(plan: LaunchPlan): FoundProgram {
  const failure = planFlaw(plan) ?? folderFlaw(plan);
  return failure === undefined ? findProgram(plan.program, plan.env["PATH"], plan.cwd) : { ok: false, failure };
}

/** Looks at all that can be looked at before the start, so that each obstacle has a sentence of its own, and opens what the process gets. */
export function prepareLaunch(plan: LaunchPlan): Preparation {
  const program = lookAtLaunch(plan);
  if (!program.ok) return program;
  if (plan.tty !== undefined) {
    const nothing = (): void => {};
    return { ok: true, prepared: { path: program.path, stdin: undefined, pipes: undefined, closeStdin: nothing, drop: nothing } };
  }
  const stdin = openStdin(plan.stdin);
  if (!stdin.ok) return stdin;
  const closeStdin = (): void => {
    if (stdin.file !== undefined) closeSync(stdin.file);
  };
  const pipes = openPipes(plan);
  if ("failure" in pipes) {
    closeStdin();
    return { ok: false, failure: pipes.failure };
  }
  const drop = (): void => {
    for (const pipe of Object.values(pipes)) pipe.drop();
  };
  return { ok: true, prepared: { path: program.path, stdin: stdin.file, pipes, closeStdin, drop } };
}

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

/** A folder that this user may not enter may be open to the one that the process becomes. */
function folderFlaw({ cwd, identity }: LaunchPlan): LaunchFailure | undefined {
  const obstacle = folderObstacle(cwd);
  return identity !== undefined && obstacle?.kind === "not-permitted" ? undefined : obstacle;
}

/** Reads what the process prints. `own`: what Node has made for it, where the pipes are Node's. */
export function readersOf(pipes: Pipes | undefined, own?: { readonly [S in OutputStream]: Readable | null }): Outputs | undefined {
  if (pipes === undefined) return undefined;
  return { stdout: pipes.stdout.reader(own?.stdout ?? null), stderr: pipes.stderr.reader(own?.stderr ?? null) };
}
