import type { Progress } from "../control/progress.ts";
import { ExitCode } from "../errors/exit-code.ts";
import { formatDuration } from "../lib/duration.ts";
import { splitInstance } from "../model/name.ts";
import { goesOn, worstExit } from "../supervisor/run-end.ts";
import type { ProgressStep } from "../supervisor/run-progress.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { waitingFor } from "../supervisor/waiting.ts";

export interface RunEndOptions {
  /** Asks for the orderly end. */
  readonly stop: () => void;
  /** Tells a person why the run ends, or what keeps it from being ready. `isBad`: it does not end well. */
  readonly say: (text: string, isBad: boolean) => void;
  /** `--wait` in the foreground: all has to be ready after so many milliseconds, and nothing may fail before; undefined: not asked for. */
  readonly wait: { readonly timeoutMs: number | undefined } | undefined;
}

/**
 * Ends the run of `rind up` by itself: when nothing lives and nothing can come to life, or when `--wait` is not fulfilled. After any
 * other end, which somebody asked for, the exit code is 0.
 */
export class RunEnd {
  readonly #supervisor: Supervisor;
  readonly #options: RunEndOptions;
  #waits: boolean;
  readonly #timer: NodeJS.Timeout | undefined;
  #exitCode: number = ExitCode.done;
  #ended = false;

  constructor(supervisor: Supervisor, options: RunEndOptions) {
    this.#supervisor = supervisor;
    this.#options = options;
    this.#waits = options.wait !== undefined;
    const timeoutMs = options.wait?.timeoutMs;
    if (timeoutMs === undefined) return;
    this.#timer = setTimeout(() => this.#notReady(`not all services are ready after ${formatDuration(timeoutMs)}`), timeoutMs);
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  take({ progress, facts }: ProgressStep): void {
    if (this.#ended || this.#supervisor.demands.refusing) return;
    if (this.#waits && progress.hasFailed) this.#notReady("not all services can become ready");
    else if (this.#waits && progress.isReady) this.#waitIsOver();
    if (progress.isStill && facts.some(({ kind }) => kind === "phase")) this.#look();
  }

  /** After boot: it may have found runs of an earlier daemon that have all ended. Where nothing ever ran, hands are waited for. */
  booted(progress: Progress): void {
    this.take({ progress, facts: [] });
    if (progress.isStill && [...this.#supervisor.instances.all()].some(({ phase }) => phase !== "inactive")) this.#look();
  }

  /** Ends the run if nothing goes on. */
  #look(): void {
    const { hooks, index, instances } = this.#supervisor;
    if (this.#ended || this.#supervisor.demands.refusing) return;
    if (goesOn(index.services.values(), instances.all(), (name) => this.#isHeld(name))) return;
    if (hooks.isBusy) {
      // it may be about to start something
      void hooks.whenIdle().then(() => setImmediate(() => this.#look()));
      return;
    }
    this.#tellBlocked();
    this.#end(worstExit(instances.all()), "nothing runs any more, and nothing is left that could start");
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #waitIsOver(): void {
    this.#waits = false;
    clearTimeout(this.#timer);
  }

  #notReady(why: string): void {
    if (this.#ended || this.#supervisor.demands.refusing) return;
    this.#tellBlocked();
    for (const { name, phase, context } of this.#supervisor.instances.all()) {
      if (phase === "failed") this.#options.say(`${name} failed: ${context.reason}`, true);
      else if (phase === "starting" || phase === "backoff") this.#options.say(`${name} is ${phase}: ${context.reason}`, true);
    }
    this.#end(ExitCode.failed, why);
  }

  #tellBlocked(): void {
    for (const { name, decl, key, phase } of this.#supervisor.instances.all()) {
      if (phase === "blocked")
        this.#options.say(`${name} never started: it waits for ${waitingFor(this.#supervisor, decl, key).join("; ")}`, true);
    }
  }

  #end(exitCode: number, why: string): void {
    this.#ended = true;
    this.close();
    this.#exitCode = exitCode;
    this.#options.say(why, exitCode !== ExitCode.done);
    this.#options.stop();
  }

  #isHeld(name: string): boolean {
    const judgements = this.#supervisor.guards.get(splitInstance(name).service)?.judgements.values() ?? [];
    return [...judgements].some(({ held, blocked, wanted }) => held || (blocked && wanted));
  }
}
