import { join } from "node:path";
import { onTestFinished } from "vitest";
import { LineSplitter } from "../../src/log/line-splitter.ts";
import type { Exit } from "../../src/model/exit.ts";
import { execaLauncher } from "../../src/process/execa-launcher.ts";
import type { Launcher, LaunchPlan, ProcessHandle } from "../../src/process/launcher.ts";
import { NativeLauncher } from "../../src/process/native-launcher.ts";
import { native } from "../../src/process/sys.ts";

const sys = native();
if (sys === undefined) throw new Error("the native part is not built");

/** By the name that titles of tests give them. */
export const LAUNCHERS = { native: new NativeLauncher(sys), execa: execaLauncher } as const;

/** All that a launcher has to do, whichever it is. */
export function launching(launcher: Launcher) {
  return {
    launch: (change: Partial<LaunchPlan>) => launchBy(launcher, change),
    refusal: (change: Partial<LaunchPlan>) => refusalBy(launcher, change),
  };
}

/** By the launcher that the daemon uses. */
export const { launch, refusal } = launching(LAUNCHERS.native);

export const PROGRAMS = join(import.meta.dirname, "programs");

/** A plan of `sh`, in the folder of the test programs. */
export function plan(change: Partial<LaunchPlan>): LaunchPlan {
  return {
    instance: "web@api",
    program: "sh",
    args: [],
    env: { PATH: process.env["PATH"] ?? "" },
    cwd: PROGRAMS,
    stdin: undefined,
    ...change,
  };
}

/** A real process, which is killed with all that comes from it when the test is over. */
function launchBy(launcher: Launcher, change: Partial<LaunchPlan>) {
  const lines: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  const order: string[] = [];
  const waiting: { readonly text: string; readonly tell: () => void }[] = [];
  const splitters = {
    stdout: new LineSplitter((line) => noteLine("stdout", line)),
    stderr: new LineSplitter((line) => noteLine("stderr", line)),
  };
  function noteLine(stream: "stdout" | "stderr", line: Buffer): void {
    lines[stream].push(Buffer.from(line));
    for (const { text, tell } of waiting) if (line.toString() === text) tell();
  }
  let tellExit = (_: Exit): void => {};
  let tellEnd = (): void => {};
  const exited = new Promise<Exit>((resolve) => (tellExit = resolve));
  const ended = new Promise<void>((resolve) => (tellEnd = resolve));
  let tellStart = (_: ProcessHandle): void => {};
  const started = new Promise<ProcessHandle>((resolve) => (tellStart = resolve));
  let process: ProcessHandle | undefined;
  const real = (): ProcessHandle => {
    if (process === undefined) throw new Error("it is not started yet: await started");
    return process;
  };
  launcher.launch(plan(change), {
    started: (handle) => {
      process = handle;
      tellStart(handle);
    },
    refused: ({ message }) => {
      throw new Error(message);
    },
    output: (stream, bytes) => {
      if (process === undefined) order.push("too early");
      splitters[stream].push(bytes);
    },
    exited: (exit) => {
      order.push("exited");
      tellExit(exit);
    },
    outputEnded: () => {
      splitters.stdout.end();
      splitters.stderr.end();
      order.push("output ended");
      tellEnd();
    },
  });
  onTestFinished(async () => void (await started).signal("SIGKILL"));
  /** That of the process, once it is there. */
  const handle: ProcessHandle = {
    get pid() {
      return real().pid;
    },
    signal: (killSignal) => real().signal(killSignal),
    signalMain: (killSignal) => real().signalMain(killSignal),
    mainPid: () => real().mainPid(),
    nameMain: (pid) => real().nameMain(pid),
    alive: () => real().alive(),
    living: () => real().living(),
    whenGone: (onGone) => real().whenGone(onGone),
    pauseOutput: (stream) => real().pauseOutput(stream),
    resumeOutput: (stream) => real().resumeOutput(stream),
  };
  return {
    started,
    handle,
    exited,
    ended,
    order,
    out: () => lines.stdout.map(String),
    err: () => lines.stderr.map(String),
    lines,
    /** Resolves with the next line of this text. */
    line: (text: string) => new Promise<void>((tell) => waiting.push({ text, tell })),
  };
}

/** Why this cannot be launched. */
function refusalBy(launcher: Launcher, change: Partial<LaunchPlan>): Promise<string> {
  return new Promise((resolve) => {
    launcher.launch(plan(change), {
      started: (handle) => {
        handle.signal("SIGKILL");
        resolve("launched");
      },
      refused: ({ kind, message }) => resolve(`${kind}: ${message}`),
      output: () => {},
      exited: () => {},
      outputEnded: () => {},
    });
  });
}

export function gone(handle: ProcessHandle): Promise<void> {
  return new Promise((resolve) => handle.whenGone(resolve));
}
