import type { Judgement } from "./demand.ts";

/** What the states say of one instance now. */
export interface Seen {
  readonly level: boolean;
  readonly guard: boolean;
  readonly blocked: boolean;
}

export interface Verdict {
  readonly judgement: Judgement;
  /** `blocked` and `lost` end what was wanted; `rose` and `cleared` start; `none`: no edge. */
  readonly edge: "blocked" | "lost" | "rose" | "cleared" | "none";
}

/**
 * What follows for one instance when the states have settled (SPEC 6.1): a `stop-on` state that comes stops, and notes what it took
 * or keeps down; a falling guard stops where the service is bound to it; a rising level starts, and so does a `stop-on` state that
 * clears, for what it had taken or kept down. Whether a start is allowed is for the caller to say.
 */
export function judgeStates(old: Judgement, seen: Seen, bound: boolean): Verdict {
  const rose = seen.level && !old.level;
  const { level, guard, blocked } = seen;
  const { wanted, held, forced, stopped, open } = old;
  const judgement: Judgement = { level, guard, blocked, wanted, held, forced, stopped, open };
  if (seen.blocked && !old.blocked) return { edge: "blocked", judgement: { ...judgement, wanted: false, held: old.wanted || rose } };
  if (old.guard && !seen.guard && bound) return { edge: "lost", judgement: { ...judgement, wanted: false, held: false } };
  if (seen.blocked) return { edge: "none", judgement: { ...judgement, held: rose || (old.held && seen.level) } };
  const cleared = old.blocked && old.held && seen.level;
  return { edge: rose ? "rose" : cleared ? "cleared" : "none", judgement: { ...judgement, held: false } };
}
