import { asksForUser } from "../flow/demand/listening.ts";
import { signalNumber } from "../lib/signal-name.ts";
import type { Exit } from "../model/exit.ts";
import { isDown } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { Instance } from "./instance.ts";

/**
 * When `rind up` ends by itself, and with what (SPEC 9). Pure: asked when a phase has changed, of the units and instances as they are.
 *
 * A run goes on while a process lives, is in backoff, or could be started by something that Rind hears of: `start-on`, branching, an
 * end of `stop-on`, a state that a transport waits for or that names its user; and while a service rests that was asked to stop, for who stopped it may start
 * it. That hands could start what has ended or failed does not count.
 */

/** What is looked at of an instance. */
export type EndedInstance = Pick<Instance, "name" | "decl" | "phase"> & {
  readonly context: Pick<Instance["context"], "outcome" | "exit" | "failedBy">;
};

/** Of an instance, or of a service that has none: a `stop-on` keeps it down. */
export type IsHeld = (name: string) => boolean;

/** Whether a process lives or may come to life without a hand. */
export function goesOn(services: Iterable<ServiceDecl>, instances: Iterable<EndedInstance>, isHeld: IsHeld): boolean {
  for (const instance of instances) if (mayComeBack(instance, isHeld)) return true;
  for (const decl of services) {
    if (decl.status === "start" && (decl.startOn.length > 0 || decl.branching !== undefined || isHeld(decl.name))) return true;
  }
  return false;
}

function mayComeBack({ name, decl, phase, context }: EndedInstance, isHeld: IsHeld): boolean {
  if (phase === "blocked") return isHeld(name) || decl.transport.some(({ required }) => required) || asksForUser(decl);
  return !isDown(phase) || (phase === "exited" && wasAsked(context));
}

/** Somebody asked for its end: not its watchdog, nor who looks after its health. */
function wasAsked({ outcome, failedBy }: EndedInstance["context"]): boolean {
  return outcome === "stopped" && failedBy === undefined;
}

/**
 * The worst exit code of a run: 0, or the greatest of its services' own; 1 for what has failed or waited without a process, and for what was
 * stopped because it was not well.
 */
export function worstExit(instances: Iterable<EndedInstance>): number {
  let worst = 0;
  for (const { phase, context } of instances) {
    if (phase === "blocked" || (phase === "exited" && context.failedBy !== undefined)) worst = Math.max(worst, 1);
    if (phase === "failed") worst = Math.max(worst, exitNumber(context.exit));
  }
  return worst;
}

/** As a shell says it. A failure never counts as 0: what ended well and too early, say, is 1. */
function exitNumber(exit: Exit | undefined): number {
  if (exit === undefined) return 1;
  return exit.kind === "killed" ? 128 + signalNumber(exit.by) : Math.max(exit.code, 1);
}
