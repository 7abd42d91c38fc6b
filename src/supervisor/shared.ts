import type { SharedChange, SharedNews } from "../control/api.ts";
import type { Fact } from "../model/fact.ts";
import { isKeptByRind } from "./settable.ts";
import type { Supervisor } from "./supervisor.ts";

/**
 * What the daemons of users are told (SPEC 6.9): of the states and signals that list no permissions, less those that each daemon has for
 * itself, first all, then each change, with no gap and no repeat between. Each step of a transaction is told apart, so that a pulse
 * is not swallowed.
 */
export function followShared(supervisor: Supervisor, onNews: (news: SharedNews) => void): () => void {
  onNews(allShared(supervisor));
  const subscription = supervisor.bus.settled.subscribe((batch) => {
    const changes = batch.flatMap((fact) => sharedChange(supervisor, fact) ?? []);
    if (changes.length > 0) onNews({ kind: "step", what: outsideOf(supervisor, batch[0]), changes });
  });
  const endReplaced = supervisor.onReplace(() => onNews(allShared(supervisor)));
  return () => {
    subscription.unsubscribe();
    endReplaced();
  };
}

function allShared(supervisor: Supervisor): SharedNews {
  const { flow, index } = supervisor;
  const states = [...index.program.states.values()].filter(({ name }) => isSharedState(supervisor, name));
  const signals = [...index.program.signals.values()].filter(({ name }) => isSharedSignal(supervisor, name));
  return {
    kind: "all",
    states: states.map(({ name, kind, identity }) => ({
      name,
      payload: kind,
      identity,
      branches: [...flow.branches(name)].map(([key, payload]) => ({ key, payload })),
    })),
    signals: signals.map(({ name, kind }) => ({ name, payload: kind })),
  };
}

function sharedChange(supervisor: Supervisor, fact: Fact): SharedChange | undefined {
  if (fact.kind === "state" && isSharedState(supervisor, fact.name)) {
    const { kind, name, key, after } = fact;
    return after === undefined ? { kind, name, key } : { kind, name, key, payload: after };
  }
  if (fact.kind === "signal" && isSharedSignal(supervisor, fact.name)) return { kind: fact.kind, name: fact.name, payload: fact.payload };
  return undefined;
}

/** What is declared no more may have listed permissions. */
function isSharedState({ index }: Supervisor, name: string): boolean {
  return (
    index.program.states.has(name) &&
    !name.startsWith("~") &&
    !isKeptByRind(name) &&
    (index.states.get(name)?.permissions ?? []).length === 0
  );
}

function isSharedSignal({ index }: Supervisor, name: string): boolean {
  return index.program.signals.has(name) && !isKeptByRind(name) && (index.signals.get(name)?.permissions ?? []).length === 0;
}

/** In words, what opened the transaction of a fact; itself a fact of that, from which the way back does not leave it. */
function outsideOf({ history }: Supervisor, fact: Fact | undefined): string {
  let at = fact;
  while (at !== undefined && at.kind !== "outside") at = history.get(Math.max(0, ...at.cause));
  return at?.what ?? "";
}
