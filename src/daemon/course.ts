import { followProgress } from "../supervisor/run-progress.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { logPhases } from "./log-phases.ts";
import { type NarratedLine, Narrator } from "./narrator.ts";
import { RunEnd } from "./run-end.ts";
import type { Stopper } from "./stopper.ts";

/** The course of a run: who is told of it, and when it ends by itself. */
export interface Course {
  /** Boot is done: what it found ended may leave nothing to do. */
  booted(): void;
  exitCode(): number;
  close(): void;
}

export interface CourseOptions {
  readonly stopper: Stopper;
  /** undefined: nobody is there, the log has it. */
  readonly narrate: ((line: NarratedLine) => void) | undefined;
  readonly wait: { readonly timeoutMs: number | undefined } | undefined;
  /** It does not end by itself, whatever becomes of its services. */
  readonly stays: boolean;
}

/** To be called before boot. */
export function followCourse(supervisor: Supervisor, { stopper, narrate, wait, stays }: CourseOptions): Course {
  const { log, index } = supervisor;
  const narrator = narrate === undefined ? undefined : new Narrator(supervisor, narrate);
  if (narrator === undefined) logPhases(supervisor);
  // where it began with nothing to run, it was told to wait for more
  const waitsForMore = stays || index.services.size === 0;
  const end = new RunEnd(supervisor, {
    stop: () => void stopper.stop().catch((error: unknown) => log.error({ err: error }, "the shutdown failed")),
    say: (text, isBad) => {
      if (narrate !== undefined) narrate({ instance: undefined, text, mood: isBad ? "bad" : "plain" });
      else log[isBad ? "warn" : "info"]({}, text);
    },
    wait,
  });
  const following = followProgress(supervisor, (step) => {
    narrator?.take(step);
    if (!waitsForMore) end.take(step);
  });
  return {
    booted: () => {
      // when what boot has brought about is told
      setImmediate(() => {
        if (!waitsForMore) end.booted(following.progress);
      });
    },
    exitCode: () => end.exitCode,
    close: () => {
      following.end();
      end.close();
    },
  };
}
