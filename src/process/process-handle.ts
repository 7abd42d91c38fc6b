import type { LivingProcess, OutputStream, ProcessHandle, ProcessListener } from "./launcher.ts";
import type { OutputSource } from "./output-pipe.ts";
import type { OutputListener, OutputReading } from "./output-reader.ts";
import type { ProcessKin } from "./process-kin.ts";

export type Outputs = { readonly [S in OutputStream]: OutputSource };

/** What is told of a process that was started. `outputs` undefined: nobody reads its output, which is at its end then. */
export function followProcess(kin: ProcessKin, outputs: Outputs | undefined, listener: ProcessListener): ProcessHandle {
  if (outputs === undefined) setImmediate(() => listener.outputEnded());
  return new FollowedProcess(kin, outputs, listener);
}

/** There is one for each process that runs, so it has methods: functions of its own would be a kilobyte. */
class FollowedProcess implements ProcessHandle {
  readonly #kin: ProcessKin;
  readonly #stdout: OutputReading | undefined;
  readonly #stderr: OutputReading | undefined;

  constructor(kin: ProcessKin, outputs: Outputs | undefined, listener: ProcessListener) {
    this.#kin = kin;
    if (outputs === undefined) return;
    const stdout = new StreamListener("stdout", listener);
    const stderr = new StreamListener("stderr", listener);
    stdout.other = stderr;
    stderr.other = stdout;
    this.#stdout = outputs.stdout(stdout);
    this.#stderr = outputs.stderr(stderr);
  }

  get pid(): number {
    return this.#kin.pid;
  }

  signal(killSignal: NodeJS.Signals): boolean {
    return this.#kin.signal(killSignal);
  }

  signalMain(killSignal: NodeJS.Signals): boolean {
    return this.#kin.signalMain(killSignal);
  }

  mainPid(): number {
    return this.#kin.mainPid();
  }

  nameMain(pid: number): void {
    this.#kin.nameMain(pid);
  }

  alive(): boolean {
    return this.#kin.alive();
  }

  living(): readonly LivingProcess[] {
    return this.#kin.living();
  }

  whenGone(onGone: () => void): () => void {
    return this.#kin.whenGone(onGone);
  }

  pauseOutput(stream: OutputStream): void {
    this.#reading(stream)?.pause();
  }

  resumeOutput(stream: OutputStream): void {
    this.#reading(stream)?.resume();
  }

  #reading(stream: OutputStream): OutputReading | undefined {
    return stream === "stdout" ? this.#stdout : this.#stderr;
  }
}

/** Tells of the end when the other stream has come to its own. */
class StreamListener implements OutputListener {
  other: StreamListener | undefined;
  readonly #stream: OutputStream;
  readonly #listener: ProcessListener;
  #ended = false;

  constructor(stream: OutputStream, listener: ProcessListener) {
    this.#stream = stream;
    this.#listener = listener;
  }

  onBytes(bytes: Buffer): void {
    this.#listener.output(this.#stream, bytes);
  }

  onEnd(): void {
    this.#ended = true;
    if (this.other !== undefined && this.other.#ended) this.#listener.outputEnded();
  }
}
