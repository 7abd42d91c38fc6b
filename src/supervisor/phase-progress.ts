import { formatDuration } from "../lib/duration.ts";
import type { LivingProcess } from "../process/launcher.ts";
import type { Instance } from "./instance.ts";

/** So many processes are named; the rest is counted. */
const NAMED = 5;

/**
 * Why an instance is still `starting` or `stopping`, for people: what is not there yet, what lives still, and what is done next.
 * `seen`: what its readiness probe has seen last.
 */
export function phaseProgress(instance: Instance, now: number, seen: string | undefined): readonly string[] {
  if (instance.phase === "starting") return startProgress(instance, now, seen);
  return instance.phase === "stopping" ? stopProgress(instance, now) : [];
}

function startProgress({ context: { up, deadline } }: Instance, now: number, seen: string | undefined): readonly string[] {
  if (!up) return [];
  return [`ready: ${seen ?? "not yet"}${deadline === undefined ? "" : `; start-timeout in ${remaining(deadline, now)}`}`];
}

/** Asks the system what lives. */
function stopProgress({ process, context }: Instance, now: number): readonly string[] {
  if (process === undefined) return [];
  const living = process.handle.living();
  const lives = living.length === 0 ? [] : [`still there: ${named(living)}`];
  return [...lives, ...next(process.ending, context, now)];
}

function next(ending: NonNullable<Instance["process"]>["ending"], { hold, deadline }: Instance["context"], now: number): readonly string[] {
  if (hold) return [];
  if (ending === "kill") return ["it was killed, and is killed again until nothing is left"];
  const kill = deadline === undefined ? "" : `; SIGKILL in ${remaining(deadline, now)}`;
  return [`${ending === "command" ? "its stop-command runs" : "it was asked to end"}${kill}`];
}

function named(living: readonly LivingProcess[]): string {
  const names = living.slice(0, NAMED).map(({ pid, name }) => `${name} (pid ${pid})`);
  const rest = living.length - names.length;
  return rest > 0 ? `${names.join(", ")} and ${rest} more` : names.join(", ");
}

/** In whole seconds where there are some. */
function remaining(deadline: number, now: number): string {
  const ms = Math.max(deadline - now, 0);
  return formatDuration(ms > 1_000 ? Math.ceil(ms / 1_000) * 1_000 : ms);
}
