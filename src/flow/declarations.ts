import type { Condition } from "../model/condition.ts";
import type { ImportDecl, OrderItem, ServiceDecl, SignalDecl, StateDecl, UnitSet } from "../model/unit-set.ts";
import { BUILT_IN_SIGNALS, builtInStates, impliedSignal, impliedState } from "./built-ins.ts";
import { serviceState } from "./condition.ts";
import { type NameUse, usesOf, usesOfState } from "./references.ts";

/** Everything of a unit set that a program is made of, by name: what was written, what is built in, and the hidden service states. */
export interface Declarations {
  readonly states: ReadonlyMap<string, StateDecl>;
  readonly signals: ReadonlyMap<string, SignalDecl>;
  readonly services: ReadonlyMap<string, ServiceDecl>;
  /** What the system's daemon tells, by name. */
  readonly imports: ReadonlyMap<string, ImportDecl>;
  /** Names of the service states. */
  readonly hidden: ReadonlySet<string>;
  /** What each state depends on; states that depend on nothing are left out. */
  readonly uses: ReadonlyMap<string, readonly NameUse[]>;
}

/** The condition lists of a service under their keys; those in which nothing stands are left out. */
export function conditionLists({ startOn, stopOn, restartOn, reloadOn }: ServiceDecl): readonly ConditionList[] {
  if (startOn.length === 0 && stopOn.length === 0 && restartOn.length === 0 && reloadOn.length === 0) return NO_LISTS;
  const lists: ConditionList[] = [];
  if (startOn.length > 0) lists.push({ key: "start-on", conditions: startOn });
  if (stopOn.length > 0) lists.push({ key: "stop-on", conditions: stopOn });
  if (restartOn.length > 0) lists.push({ key: "restart-on", conditions: restartOn });
  if (reloadOn.length > 0) lists.push({ key: "reload-on", conditions: reloadOn });
  return lists;
}

interface ConditionList {
  readonly key: string;
  readonly conditions: readonly Condition[];
}

const NO_LISTS: readonly ConditionList[] = [];

export function declare(units: UnitSet): Declarations {
  // Imports come first: where sessions are the system's, they are not built in here.
  const states = byName([...importedStates(units), ...units.states, ...builtInStates(units.networks.length > 0)]);
  const signals = byName([...importedSignals(units), ...units.signals, ...BUILT_IN_SIGNALS]);
  const imports = byName(units.imports);
  const services = byName(units.services);
  const uses = new Map<string, readonly NameUse[]>();
  for (const state of states.values()) {
    const own = usesOfState(state);
    if (own.length > 0) uses.set(state.name, own);
  }
  const hidden = new Set([...watchedServices(units, uses)].map(serviceState));
  for (const name of hidden) states.set(name, hiddenState(name));
  return { states, signals, services, imports, hidden, uses };
}

function importedStates({ imports }: UnitSet): readonly StateDecl[] {
  return imports.flatMap(({ kind, name, payload }) => (kind === "state" ? [impliedState({ name, payload })] : []));
}

function importedSignals({ imports }: UnitSet): readonly SignalDecl[] {
  return imports.flatMap(({ kind, name, payload }) => (kind === "signal" ? [impliedSignal(name, payload)] : []));
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Map<string, T> {
  const map = new Map<string, T>();
  for (const item of items) if (!map.has(item.name)) map.set(item.name, item);
  return map;
}

/** Services that somebody asks about: only these need a hidden state. */
function watchedServices(units: UnitSet, stateUses: ReadonlyMap<string, readonly NameUse[]>): ReadonlySet<string> {
  const watched = new Set<string>();
  const watchItem = (item: OrderItem): void => {
    watched.add(item.service);
  };
  for (const { after, requires, wants } of units.services) {
    after.forEach(watchItem);
    requires.forEach(watchItem);
    wants.forEach(watchItem);
  }
  const watch = (use: NameUse): void => {
    if (use.kind === "service") watched.add(use.name);
  };
  for (const uses of stateUses.values()) uses.forEach(watch);
  for (const { after } of units.signals) usesOf(after, []).forEach(watch);
  for (const service of units.services) {
    if (asksFactsOnly(service)) continue;
    for (const { conditions } of conditionLists(service)) usesOf(conditions, []).forEach(watch);
  }
  return watched;
}

/** Whether its lists hold nothing but single states and signals, as most do. */
export function asksFactsOnly({ startOn, stopOn, restartOn, reloadOn }: ServiceDecl): boolean {
  return startOn.every(isFact) && stopOn.every(isFact) && restartOn.every(isFact) && reloadOn.every(isFact);
}

function isFact({ kind }: Condition): boolean {
  return kind === "state" || kind === "signal";
}

/** Shared by the states of all services. */
const BY_INSTANCE: StateDecl["branch"] = [{ target: "~id", source: "~id" }];

function hiddenState(name: string): StateDecl {
  return impliedState({ name, branch: BY_INSTANCE });
}
