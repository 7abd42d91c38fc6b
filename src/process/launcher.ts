import type { Exit, LaunchFailure } from "../model/exit.ts";
import type { RlimitDecl } from "../model/unit-set.ts";

/** As whom a process runs, by number: nothing is looked up any more. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** All supplementary groups. */
  readonly groups: readonly number[];
}

/** All that the operating system must know to start one process of an instance. Everything is resolved: nothing is looked up later. */
export interface LaunchPlan {
  /** Name of the instance, for messages. */
  readonly instance: string;
  /** Program as given by the unit: a path, or a name to be looked up in `env.PATH`. */
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment; nothing is added to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute. */
  readonly cwd: string;
  /** Absolute path of what stdin reads from; undefined: /dev/null. */
  readonly stdin: string | undefined;
  /** Variables that are to hold the pid of the process itself. */
  readonly pidVariables?: readonly string[];
  /** undefined, of this and all that follow: as the daemon has it. */
  readonly identity?: Identity | undefined;
  readonly umask?: number | undefined;
  readonly nice?: number | undefined;
  readonly oomScoreAdj?: number | undefined;
  readonly rlimits?: readonly RlimitDecl[];
  /** Absolute path of a terminal: its controlling terminal, stdin, stdout and stderr. Nothing is told of its output. */
  readonly tty?: string | undefined;
}

export type OutputStream = "stdout" | "stderr";

/** What a launcher tells about one process: first of all that it was started, or why not, perhaps before `launch` has returned. Must not throw. */
export interface ProcessListener {
  /** Told once, unless `refused` is. It may have ended by now: that is told later all the same. */
  started(handle: ProcessHandle): void;
  /** There is no process. Told once, and nothing else is told. */
  refused(failure: LaunchFailure): void;
  /** Bytes as they came, in order within one stream; only themselves during the call. */
  output(stream: OutputStream, bytes: Buffer): void;
  /** The main process has ended. Told once. What it left behind in its group may still live, and output may still come. */
  exited(exit: Exit): void;
  /** Both streams are at their end; after `exited`, or before it where the process closed them itself. Told once. */
  outputEnded(): void;
}

/** A process that lives, for people. */
export interface LivingProcess {
  readonly pid: number;
  /** Name of its program, as the kernel keeps it. */
  readonly name: string;
}

/**
 * A process in a session and group of its own, with all that comes from it. `All of it` is: its group, and what has left that:
 * what is in its cgroup, descends from it, shares its session, or carries its mark in the environment, as far as the system can tell.
 */
export interface ProcessHandle {
  readonly pid: number;
  /** Sends to all of it, to each process once; false where nothing of it is left. */
  signal(killSignal: NodeJS.Signals): boolean;
  /** Sends to the main process alone; false where it has ended. */
  signalMain(killSignal: NodeJS.Signals): boolean;
  /**
   * The process that `signalMain` reaches: the one that was started, or the one that was named in its place and lives. With the end of the first
   * the run has ended all the same.
   */
  mainPid(): number;
  /** Names another main process; no effect where that is not part of it. */
  nameMain(pid: number): void;
  /** Whether anything of it lives (zombies do not count). */
  alive(): boolean;
  /** What of it lives now, the main process first. */
  living(): readonly LivingProcess[];
  /**
   * Calls `onGone` once, when nothing of it lives, never inside of this call. To be asked after the main process has ended.
   * Returns the way to end the watch.
   */
  whenGone(onGone: () => void): () => void;
  /** Reads no more of this stream until `resumeOutput`: the process is held up by its full pipe. What is on its way may still come. */
  pauseOutput(stream: OutputStream): void;
  resumeOutput(stream: OutputStream): void;
}

/** Starts processes. The one interface between the service machines and the operating system. */
export interface Launcher {
  launch(plan: LaunchPlan, listener: ProcessListener): void;
}
