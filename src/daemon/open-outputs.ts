import type { Launcher, LaunchPlan, ProcessListener } from "../process/launcher.ts";

/**
 * A launcher that knows whose output is still open. A process may be gone while what it printed last is on its way, and a daemon that
 * ended then would lose it.
 */
export class OpenOutputs implements Launcher {
  readonly #launcher: Launcher;
  #open = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(launcher: Launcher) {
    this.#launcher = launcher;
  }

  launch(plan: LaunchPlan, listener: ProcessListener): void {
    this.#launcher.launch(plan, {
      ...listener,
      started: (handle) => {
        this.#open += 1;
        listener.started(handle);
      },
      outputEnded: () => {
        listener.outputEnded();
        this.#open -= 1;
        if (this.#open === 0) for (const resume of this.#waiting.splice(0)) resume();
      },
    });
  }

  /** Resolves when all have ended; at the latest after `timeoutMs`: who left its service may hold the pipe for ever. */
  async whenEnded(timeoutMs: number): Promise<void> {
    if (this.#open === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
