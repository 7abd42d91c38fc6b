import type { Condition } from "../model/condition.ts";
import type { ImportDecl, ServiceDecl, SignalDecl, StateDecl, UnitSet } from "../model/unit-set.ts";
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

const SERVICE_LISTS = [
  { key: "start-on", of: (service: ServiceDecl) => service.startOn },
  { key: "stop-on", of: (service: ServiceDecl) => service.stopOn },
  { key: "restart-on", of: (service: ServiceDecl) => service.restartOn },
  { key: "reload-on", of: (service: ServiceDecl) => service.reloadOn },
] as const;

/** The condition lists of a service under their keys. */
export function conditionLists(service: ServiceDecl): readonly { readonly key: string; readonly conditions: readonly Condition[] }[] {
  return SERVICE_LISTS.map(({ key, of }) => ({ key, conditions: of(service) }));
}

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
  const lists = [
    ...units.signals.map(({ after }) => after),
    ...units.services.flatMap((service) => conditionLists(service).map(({ conditions }) => conditions)),
  ];
  const watched = new Set(
    units.services.flatMap(({ after, requires, wants }) => [...after, ...requires, ...wants].map((item) => item.service)),
  );
  for (const uses of [...stateUses.values(), ...lists.map((list) => usesOf(list, []))]) {
    for (const use of uses) if (use.kind === "service") watched.add(use.name);
  }
  return watched;
}

function hiddenState(name: string): StateDecl {
  return impliedState({ name, branch: [{ target: "~id", source: "~id" }] });
}
