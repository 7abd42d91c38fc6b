import { diffStores } from "../flow/diff-stores.ts";
import { Flow } from "../flow/flow.ts";
import type { Program } from "../flow/program.ts";
import { sameData } from "../lib/same-data.ts";
import type { Write } from "../model/change.ts";
import { isDown } from "../model/phase.ts";
import type { ServiceDecl, UnitSet } from "../model/unit-set.ts";
import { instancePolicy } from "../service/instance-policy.ts";
import { recordWrite } from "./run-records.ts";
import { allRows } from "./service-rows.ts";
import { staleInstances } from "./stale.ts";
import { untouchedGuards, withWhatStays } from "./what-stays.ts";
import type { Supervisor } from "./supervisor.ts";
import { UnitIndex } from "./unit-index.ts";

export interface ReloadOutcome {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Instances whose process still runs with what was before. */
  readonly stale: readonly string[];
}

interface Exchange {
  /** For people: why the units are others now. */
  readonly what: string;
  /** Services that begin anew, as if they had not been there before: what still lives of them is killed. */
  readonly anew: readonly string[];
  /** The branches of imported states; undefined: those of now. */
  readonly mirrored?: Iterable<Write>;
  /** More of the same transaction, when the new units are in place. */
  readonly then: (cause: number) => void;
}

/**
 * New units in one transaction (SPEC 9): removed services stop, added ones are judged against the states of now, changed ones take
 * conditions and policies at once and what concerns their process at its next start. What is re-derived is no edge for signals.
 */
export function reload(
  supervisor: Supervisor,
  units: UnitSet,
  program: Program,
  options: { readonly restart: boolean },
): Promise<ReloadOutcome> {
  return exchangeUnits(supervisor, units, program, {
    what: "reload",
    anew: [],
    then: (cause) => {
      supervisor.later(() => supervisor.apply([{ op: "emit", signal: "rind@reload", payload: null }], [cause]));
      if (options.restart) supervisor.later(() => restartStale(supervisor, cause));
    },
  });
}

/** Puts other units in the place of those of now, in one transaction. */
export async function exchangeUnits(
  supervisor: Supervisor,
  units: UnitSet,
  program: Program,
  { what, anew, mirrored, then }: Exchange,
): Promise<ReloadOutcome> {
  const before = supervisor.index;
  const index = new UnitIndex(withWhatStays(before.units, units), program);
  const removed = [...before.services.keys()].filter((name) => !index.services.has(name));
  const added = [...index.services.keys()].filter((name) => !before.services.has(name));
  const changed = [...index.services.values()].filter((decl) => isChanged(before.services.get(decl.name), decl)).map(({ name }) => name);
  const stays = untouchedGuards(before, index);
  await supervisor.transact(what, (cause) => {
    exchangeFlow(supervisor, index, mirrored, cause);
    for (const name of removed) endService(supervisor, name, `removed by ${what}`, cause);
    for (const name of anew) endRuns(supervisor, name, `replaced by ${what}`, cause);
    for (const decl of index.services.values())
      if (!stays(decl) || supervisor.guards.get(decl.name) === undefined)
        exchangeGuard(supervisor, before.services.get(decl.name), decl, cause);
    then(cause);
  });
  return { added, changed, removed, stale: staleInstances(supervisor) };
}

function exchangeFlow(supervisor: Supervisor, index: UnitIndex, mirrored: Iterable<Write> | undefined, cause: number): void {
  const old = supervisor.flow;
  const flow = new Flow(index.program);
  const byHand = [...old.manual()].filter(({ state }) => state !== "rind@service" && !state.startsWith("~"));
  const stored = [...byHand, ...supervisor.setAside, ...allRows(index, supervisor.instances.all())];
  const booted = flow.boot(stored, old.answers(), mirrored ?? old.mirrored());
  supervisor.replace(index, flow, booted.setAside);
  supervisor.tell(diffStores(old, flow), () => cause);
  supervisor.runDue(booted.due);
}

function exchangeGuard(supervisor: Supervisor, before: ServiceDecl | undefined, decl: ServiceDecl, cause: number): void {
  const { guards, instances } = supervisor;
  const old = guards.get(decl.name);
  guards.remove(decl.name);
  const sameInstances = before?.branching?.sourceState === decl.branching?.sourceState && before?.branching?.key === decl.branching?.key;
  if (before !== undefined && !sameInstances)
    for (const instance of instances.of(decl.name)) instances.remove(instance, { hold: false, reason: "its branching has changed", cause });
  for (const instance of instances.of(decl.name)) {
    instance.decl = decl;
    instances.send(instance, { type: "policy.changed", policy: instancePolicy(decl) }, cause);
    supervisor.probing.redeclared(instance);
  }
  guards.add(decl, cause, sameInstances ? old : undefined);
}

function endService(supervisor: Supervisor, name: string, reason: string, cause: number): void {
  supervisor.guards.remove(name);
  for (const instance of supervisor.instances.of(name)) {
    // what is down leaves no phase change by which its record would go
    if (isDown(instance.phase)) supervisor.store.append([recordWrite(instance.name, undefined)]);
    supervisor.instances.remove(instance, { hold: supervisor.heldStops.hold(instance), reason, cause });
  }
}

/** Nothing is known of what was before; what has come up again since it was killed is killed once more, and the new one follows it. */
function endRuns(supervisor: Supervisor, name: string, reason: string, cause: number): void {
  for (const instance of supervisor.instances.of(name))
    if (!isDown(instance.phase)) supervisor.demands.hand(instance, "stop", { force: true, cause, reason });
  endService(supervisor, name, reason, cause);
}

function restartStale(supervisor: Supervisor, cause: number): void {
  for (const name of staleInstances(supervisor)) {
    const instance = supervisor.instances.get(name);
    if (instance !== undefined) supervisor.demands.hand(instance, "restart", { force: false, cause, reason: "reload --restart" });
  }
}

function isChanged(before: ServiceDecl | undefined, now: ServiceDecl): boolean {
  if (before === undefined || before === now) return false;
  return !sameData({ ...before, origin: undefined }, { ...now, origin: undefined });
}
