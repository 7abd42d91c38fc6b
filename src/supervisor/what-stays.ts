/** What new units leave as it is: of a thousand services most, and for these nothing is to be done. */
import type { Program } from "../flow/program.ts";
import { sameData } from "../lib/same-data.ts";
import type { Condition } from "../model/condition.ts";
import type { ServiceDecl, UnitSet } from "../model/unit-set.ts";
import type { UnitIndex } from "./unit-index.ts";

/** The new units, where what is the same as before is the same object. */
export function withWhatStays(before: UnitSet, now: UnitSet): UnitSet {
  const known = new Map(before.services.map((decl) => [decl.name, decl]));
  const services = now.services.map((decl) => {
    const old = known.get(decl.name);
    return old !== undefined && sameData(old, decl) ? old : decl;
  });
  return { ...now, services, settings: sameData(before.settings, now.settings) ? before.settings : now.settings };
}

/**
 * Tells of which services the guard can stay: those that are the same objects in both, and ask for nothing but states and signals that are declared
 * as before. All others are made anew, as what they listen to may be called otherwise, and what they wait for may be there now.
 */
export function untouchedGuards(before: UnitIndex, now: UnitIndex): (decl: ServiceDecl) => boolean {
  // whoever conflicts says it for both
  if ([before, now].some(({ services }) => [...services.values()].some(({ conflicts }) => conflicts.length > 0))) return () => false;
  const isSame = sameFacts(before.program, now.program);
  return (decl) => before.services.get(decl.name) === decl && listensOnly(decl) && [...decl.startOn, ...decl.stopOn].every(isSame);
}

/** It looks at nothing but `start-on` and `stop-on`. */
function listensOnly(decl: ServiceDecl): boolean {
  const { restartOn, reloadOn, after, requires, wants, transport } = decl;
  const lists: readonly (readonly unknown[])[] = [restartOn, reloadOn, after, requires, wants, transport];
  return decl.branching === undefined && decl.userSource === undefined && decl.space.kind === "system" && lists.every(isEmpty);
}

function isEmpty(list: readonly unknown[]): boolean {
  return list.length === 0;
}

/** Whether all that a condition is about is declared as before; of services that cannot be told, as they are states that nobody sees change. */
function sameFacts(before: Program, now: Program): (condition: Condition) => boolean {
  const known = new Map<string, boolean>();
  const compare = (kind: "state" | "signal", name: string): boolean => {
    if (kind === "signal") return sameData(before.signals.get(name), now.signals.get(name));
    const old = before.states.get(name);
    const plan = now.states.get(name);
    return old !== undefined && plan !== undefined && old.kind === plan.kind && sameData(old.identity, plan.identity);
  };
  const isSame = (condition: Condition): boolean => {
    switch (condition.kind) {
      case "state":
      case "signal": {
        const { kind, name } = condition;
        const same = known.get(name) ?? compare(kind, name);
        known.set(name, same);
        return same;
      }
      case "service":
        return false;
      case "not":
        return isSame(condition.of);
      default:
        return condition.of.every(isSame);
    }
  };
  return isSame;
}
