import type { Clock } from "../../src/lib/clock.ts";
import type { Exit, LaunchFailure } from "../../src/model/exit.ts";
import type { Launcher, LaunchPlan, OutputStream, ProcessListener } from "../../src/process/launcher.ts";

export interface FakeProcess {
  readonly plan: LaunchPlan;
  readonly pid: number;
  readonly listener: ProcessListener;
  readonly signals: NodeJS.Signals[];
  alive: boolean;
  left: boolean;
  /** Streams that are not read at present. */
  readonly held: Set<OutputStream>;
}

/** How long a fake process takes to obey. */
const TERM_MS = 3;
const KILL_MS = 1;
const WATCH_MS = 10;

/** Processes that exist on paper: they end when told, obey signals after some simulated time, and never run anything. */
export class FakeLauncher implements Launcher {
  readonly #clock: Clock;
  #pid = 1_000;
  /** Every launch, in order. */
  readonly launched: FakeProcess[] = [];
  /** Every request, in order: `launch NAME`, `SIGTERM NAME`. */
  readonly asked: string[] = [];
  readonly ignoresTerm = new Set<string>();
  /** Instances that hang in the kernel: nothing ends them. */
  readonly undying = new Set<string>();
  /** Instances whose main process leaves a child in its group behind. */
  readonly leavesBehind = new Set<string>();
  readonly refuses = new Map<string, LaunchFailure>();
  /** Instances of which it is not told what became of their launch before `report`. */
  readonly slow = new Set<string>();
  readonly #unreported = new Map<string, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  launch(plan: LaunchPlan, listener: ProcessListener): void {
    this.asked.push(`launch ${plan.instance}`);
    if (this.slow.has(plan.instance)) this.#unreported.set(plan.instance, () => this.#start(plan, listener));
    else this.#start(plan, listener);
  }

  /** Tells what became of the launch of a slow instance. */
  report(instance: string): void {
    const start = this.#unreported.get(instance);
    if (start === undefined) throw new Error(`${instance} is not being launched`);
    this.#unreported.delete(instance);
    start();
  }

  #start(plan: LaunchPlan, listener: ProcessListener): void {
    const failure = this.refuses.get(plan.instance);
    if (failure !== undefined) {
      listener.refused(failure);
      return;
    }
    if (this.alive().includes(plan.instance)) throw new Error(`two processes of ${plan.instance}`);
    const made: FakeProcess = { plan, pid: ++this.#pid, listener, signals: [], alive: true, left: false, held: new Set() };
    this.launched.push(made);
    listener.started({
      pid: made.pid,
      signal: (name) => this.#signal(made, name),
      signalMain: (name) => this.#signal(made, name),
      mainPid: () => made.pid,
      nameMain: () => {},
      alive: () => made.alive || made.left,
      living: () => (made.alive || made.left ? [{ pid: made.pid, name: made.plan.instance }] : []),
      whenGone: (onGone) => this.#watch(made, onGone),
      pauseOutput: (stream) => made.held.add(stream),
      resumeOutput: (stream) => made.held.delete(stream),
    });
  }

  /** Names of the instances that have a live process, sorted. */
  alive(): string[] {
    return this.launched
      .filter((made) => made.alive)
      .map(({ plan }) => plan.instance)
      .sort();
  }

  /** The newest process of an instance. */
  last(instance: string): FakeProcess {
    const made = this.launched.findLast(({ plan }) => plan.instance === instance);
    if (made === undefined) throw new Error(`${instance} was never launched`);
    return made;
  }

  /** The live process of an instance ends by itself. */
  exit(instance: string, exit: Exit | number = 0): void {
    const made = this.last(instance);
    if (!made.alive) throw new Error(`${instance} has no live process`);
    this.#end(made, typeof exit === "number" ? { kind: "code", code: exit } : exit);
  }

  print(instance: string, text: string, stream: "stdout" | "stderr" = "stdout"): void {
    this.last(instance).listener.output(stream, Buffer.from(text));
  }

  #signal(made: FakeProcess, name: NodeJS.Signals): boolean {
    this.asked.push(`${name} ${made.plan.instance}`);
    made.signals.push(name);
    if (!made.alive && !made.left) return false;
    if (name === "SIGKILL") this.#clock.setTimeout(() => this.#killed(made, name), KILL_MS);
    else if ((name === "SIGTERM" || name === "SIGINT") && !this.ignoresTerm.has(made.plan.instance))
      this.#clock.setTimeout(() => this.#killed(made, name), TERM_MS);
    return true;
  }

  #watch(made: FakeProcess, onGone: () => void): () => void {
    const look = (): void => {
      if (made.alive || made.left) timer = this.#clock.setTimeout(look, WATCH_MS);
      else onGone();
    };
    let timer = this.#clock.setTimeout(look, 0);
    return () => this.#clock.clearTimeout(timer);
  }

  #killed(made: FakeProcess, by: NodeJS.Signals): void {
    if (this.undying.has(made.plan.instance)) return;
    made.left = false;
    this.#end(made, { kind: "killed", by });
  }

  #end(made: FakeProcess, exit: Exit): void {
    if (!made.alive) return;
    made.alive = false;
    if (exit.kind === "code" && this.leavesBehind.has(made.plan.instance)) made.left = true;
    made.listener.outputEnded();
    made.listener.exited(exit);
  }
}
