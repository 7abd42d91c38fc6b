import type { Phase } from "../model/phase.ts";

/** As much of a service's row as says how far it has come. */
export interface ProgressRow {
  readonly phase: Phase;
  readonly ready: boolean | null;
}

/**
 * `ready`: up and ready; `coming`: has a process or will have one by itself; `blocked`: waits for others; `failed`; `down`: is not to
 * run, or has ended well.
 */
type Standing = "ready" | "coming" | "blocked" | "failed" | "down";

/**
 * How far a run has come: told of each change of an instance, it knows at once whether all that is to run is ready, whoever asks
 * (`rind up --wait` on either side of the socket, the narration, the end of a run by itself).
 */
export class Progress {
  readonly #standings = new Map<string, Standing>();
  readonly #counts: Record<Standing, number> = { ready: 0, coming: 0, blocked: 0, failed: 0, down: 0 };

  /** `row` undefined: there is no such instance any more. */
  note(name: string, row: ProgressRow | undefined): void {
    const before = this.#standings.get(name);
    if (before !== undefined) this.#counts[before] -= 1;
    if (row === undefined) {
      this.#standings.delete(name);
      return;
    }
    const now = standingOf(row);
    this.#counts[now] += 1;
    this.#standings.set(name, now);
  }

  /** Nothing that is to run is still on its way. */
  get isSettled(): boolean {
    return this.#counts.coming + this.#counts.blocked === 0;
  }

  /** All that is to run is ready, or has ended well. */
  get isReady(): boolean {
    return this.isSettled && this.#counts.failed === 0;
  }

  get hasFailed(): boolean {
    return this.#counts.failed > 0;
  }

  /** No process lives, and none comes by itself. */
  get isStill(): boolean {
    return this.#counts.ready + this.#counts.coming === 0;
  }

  failed(): readonly string[] {
    return [...this.#standings].filter(([, standing]) => standing === "failed").map(([name]) => name);
  }
}

function standingOf({ phase, ready }: ProgressRow): Standing {
  switch (phase) {
    case "running":
      return ready === true ? "ready" : "coming";
    case "starting":
    case "stopping":
    case "backoff":
      return "coming";
    case "blocked":
    case "failed":
      return phase;
    case "inactive":
    case "exited":
      return "down";
  }
}
