import { Progress } from "../control/progress.ts";
import type { Fact } from "../model/fact.ts";
import { instanceFlags } from "../service/flags.ts";
import type { Supervisor } from "./supervisor.ts";

/** What has happened to instances since the last time; in order. */
export interface ProgressStep {
  readonly progress: Progress;
  /** Phase changes, and changes of `rind@service`, which has the flags. */
  readonly facts: readonly Fact[];
}

const SERVICES = "rind@service";

/**
 * Tells `onStep` how far the run has come, after the events in which an instance has changed, when these are over: what lies between
 * the rounds of a transaction is nobody's business. To be called before boot; returns that, and the way to end it.
 */
export function followProgress(supervisor: Supervisor, onStep: (step: ProgressStep) => void): { readonly progress: Progress; end(): void } {
  const progress = new Progress();
  let facts: Fact[] = [];
  const take = (): void => {
    const step = { progress, facts };
    facts = [];
    for (const name of new Set(step.facts.map(instanceOf))) progress.note(name, rowOf(supervisor, name));
    onStep(step);
  };
  const subscription = supervisor.bus.settled.subscribe((batch) => {
    for (const fact of batch) {
      if (fact.kind !== "phase" && !(fact.kind === "state" && fact.name === SERVICES)) continue;
      if (facts.length === 0) setImmediate(take);
      facts.push(fact);
    }
  });
  return { progress, end: () => subscription.unsubscribe() };
}

function instanceOf(fact: Fact): string {
  if (fact.kind === "phase") return fact.instance;
  return fact.kind === "state" ? fact.key : "";
}

function rowOf({ instances }: Supervisor, name: string): Parameters<Progress["note"]>[1] {
  const instance = instances.get(name);
  if (instance === undefined) return undefined;
  const { decl, phase, context } = instance;
  return { phase, ready: instanceFlags(decl, phase, context).ready };
}
