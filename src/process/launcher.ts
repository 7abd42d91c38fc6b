import type { Exit, LaunchFailure } from "../model/exit.ts";

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
}

export type OutputStream = "stdout" | "stderr";

/** What a launcher tells about one process. Nothing is told before `launch` has returned. */
export interface ProcessListener {
  /** Bytes as they came, in order within one stream. Must not throw. */
  output(stream: OutputStream, bytes: Buffer): void;
  /** The main process has ended. Told once. What it left behind in its group may still live, and output may still come. */
  exited(exit: Exit): void;
  /** Both streams are at their end; after `exited`, or before it where the process closed them itself. Told once. */
  outputEnded(): void;
}

/** A process in a session and group of its own. */
export interface ProcessHandle {
  readonly pid: number;
  /** Sends to the whole process group; false where nothing of it is left. */
  signal(killSignal: NodeJS.Signals): boolean;
  /** Sends to the main process alone; false where it has ended. */
  signalMain(killSignal: NodeJS.Signals): boolean;
  /** Whether anything of the group lives (zombies do not count). */
  groupAlive(): boolean;
}

export type Launched = { readonly ok: true; readonly handle: ProcessHandle } | { readonly ok: false; readonly failure: LaunchFailure };

/** Starts processes. The one interface between the service machines and the operating system. */
export interface Launcher {
  launch(plan: LaunchPlan, listener: ProcessListener): Launched;
}
