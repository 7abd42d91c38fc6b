import type { Fact, PhaseFact } from "../model/fact.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Instance } from "../supervisor/instance.ts";
import type { ProgressStep } from "../supervisor/run-progress.ts";
import type { Supervisor } from "../supervisor/supervisor.ts";
import { waitingFor } from "../supervisor/waiting.ts";

/** A line of what `rind up` tells in the foreground. */
export interface NarratedLine {
  /** undefined: about all of it. */
  readonly instance: string | undefined;
  readonly text: string;
  readonly mood: "good" | "bad" | "waiting" | "plain";
}

/**
 * Tells what becomes of services, for people: one line for each change that somebody wants to know of, and once, when all that boot has
 * started has come to something, whether all of it is ready.
 */
export class Narrator {
  readonly #supervisor: Supervisor;
  readonly #say: (line: NarratedLine) => void;
  #isConcluded = false;

  constructor(supervisor: Supervisor, say: (line: NarratedLine) => void) {
    this.#supervisor = supervisor;
    this.#say = say;
  }

  take({ facts, progress }: ProgressStep): void {
    const last = new Map(facts.flatMap((fact) => (fact.kind === "phase" ? [[fact.instance, fact] as const] : [])));
    for (const fact of facts) {
      if (fact.kind === "phase") this.#phase(fact, last.get(fact.instance) === fact);
      else if (fact.kind === "state") this.#flags(fact.key, fact.before, fact.after);
    }
    if (this.#isConcluded || last.size === 0 || !progress.isSettled || this.#supervisor.demands.refusing) return;
    this.#isConcluded = true;
    if (progress.isReady) this.#say({ instance: undefined, text: "all services ready", mood: "good" });
    else this.#say({ instance: undefined, text: `not all services are ready: ${progress.failed().join(", ")} failed`, mood: "bad" });
  }

  #phase(fact: Fact & PhaseFact, isLast: boolean): void {
    const instance = this.#supervisor.instances.get(fact.instance);
    const line = phaseLine(fact, instance, isLast, (blocked) => waitingFor(this.#supervisor, blocked.decl, blocked.key));
    if (line !== undefined) this.#say({ instance: fact.instance, ...line });
  }

  /** The flags of one that went on running: of any other its phase says enough. */
  #flags(instance: string, before: Json | undefined, after: Json | undefined): void {
    if (!isJsonObject(before) || !isJsonObject(after) || before["phase"] !== "running" || after["phase"] !== "running") return;
    const reason = this.#supervisor.instances.get(instance)?.context.reason ?? "";
    if (before["ready"] === true && after["ready"] === false)
      this.#say({ instance, text: withReason("no longer ready", reason), mood: "bad" });
    if (before["ready"] === false && after["ready"] === true) this.#say({ instance, text: "ready again", mood: "good" });
    if (before["healthy"] !== false && after["healthy"] === false)
      this.#say({ instance, text: withReason("unhealthy", reason), mood: "bad" });
    if (before["healthy"] === false && after["healthy"] === true) this.#say({ instance, text: "healthy again", mood: "good" });
  }
}

/** `isLast`: the instance is still in that phase, so that what it waits for can be asked. */
function phaseLine(
  { from, to, reason }: PhaseFact,
  instance: Instance | undefined,
  isLast: boolean,
  waitingOf: (instance: Instance) => readonly string[],
): Pick<NarratedLine, "text" | "mood"> | undefined {
  switch (to) {
    case "starting":
      return { text: "starting", mood: "plain" };
    case "blocked": {
      if (!isLast || instance === undefined) return undefined;
      const waiting = waitingOf(instance).join("; ");
      return { text: waiting === "" ? withReason("waiting", reason) : `waiting for ${waiting}`, mood: "waiting" };
    }
    case "running":
      return instance?.decl.type === "oneshot" ? { text: "running", mood: "plain" } : { text: "ready", mood: "good" };
    case "backoff":
      return { text: withReason("restarting", reason), mood: "waiting" };
    case "stopping":
      return { text: withReason("stopping", reason), mood: "plain" };
    case "exited":
      return from === "stopping" ? { text: "stopped", mood: "plain" } : { text: withReason("ended", reason), mood: "plain" };
    case "failed":
      return { text: `failed: ${reason}`, mood: "bad" };
    case "inactive":
      return { text: withReason("waits no longer", reason), mood: "plain" };
  }
}

function withReason(what: string, reason: string): string {
  return reason === "" ? what : `${what} (${reason})`;
}
