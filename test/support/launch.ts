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
    lines[stream].push(line);
    for (const { text, tell } of waiting) if (line.toString() === text) tell();
  }
  let tellExit = (_: Exit): void => {};
  let tellEnd = (): void => {};
  const exited = new Promise<Exit>((resolve) => (tellExit = resolve));
  const ended = new Promise<void>((resolve) => (tellEnd = resolve));
  let returned = false;
  const launched = launcher.launch(plan(change), {
    output: (stream, bytes) => {
      if (!returned) order.push("too early");
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
  returned = true;
  if (!launched.ok) throw new Error(launched.failure.message);
  const { handle } = launched;
  onTestFinished(() => void handle.signal("SIGKILL"));
  return {
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
function refusalBy(launcher: Launcher, change: Partial<LaunchPlan>): string {
  const launched = launcher.launch(plan(change), { output: () => {}, exited: () => {}, outputEnded: () => {} });
  if (!launched.ok) return `${launched.failure.kind}: ${launched.failure.message}`;
  launched.handle.signal("SIGKILL");
  return "launched";
}

export function gone(handle: ProcessHandle): Promise<void> {
  return new Promise((resolve) => handle.whenGone(resolve));
}
