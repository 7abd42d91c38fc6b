import type { Right, SignalDecl, StateDecl } from "../model/unit-set.ts";
import type { Checked, CheckedItems } from "./check-items.ts";
import type { Facts } from "./facts.ts";
import type { Names } from "./names.ts";
import { emptySignal, impliedState } from "./placeholders.ts";
import { resolveRights } from "./resolve/permissions.ts";
import type { Scope } from "./scope.ts";

interface Declared {
  readonly states: readonly StateDecl[];
  readonly signals: readonly SignalDecl[];
}

/**
 * The states and signals with those that are implied: used and declared nowhere, or left out because of errors. Where not all of a file could be read, all
 * of them are nobody's: they may be declared there, for some alone.
 */
export function addImplied<D extends Declared>(
  { states, signals, ...rest }: D,
  facts: Facts,
  omitted: readonly OmittedFact[],
  names: Names,
): Omit<D, keyof Declared> & Declared {
  const taken = new Set([...states, ...signals].map(({ name }) => name));
  const used = new Map(facts.implied().flatMap((fact) => (taken.has(fact.name) ? [] : [[fact.name, fact] as const])));
  const left = omitted.filter(({ name }) => !taken.has(name));
  const rights = new Map(left.map(({ name, permissions }) => [name, permissions]));
  const implied = [...used.values(), ...left.filter(({ name }) => !used.has(name)).map((fact) => ({ ...fact, key: undefined }))];
  const ofOthers = names.mayLackSome ? [NOBODYS] : [];
  const withRights = <T extends SignalDecl>(decl: T): T => ({ ...decl, permissions: rights.get(decl.name) ?? ofOthers });
  return {
    ...rest,
    signals: [...signals, ...implied.filter(({ kind }) => kind === "signal").map(({ name }) => withRights(emptySignal(name)))],
    states: [...states, ...implied.filter(({ kind }) => kind === "state").map(({ name, key }) => withRights(impliedState(name, key)))],
  };
}

/** A state or signal with errors, which is implied. */
export interface OmittedFact {
  readonly kind: "state" | "signal";
  readonly name: string;
  readonly permissions: readonly Right[];
}

/** States and signals that are left out because of errors are implied, whoever uses them, and as closed to others as they were meant to be. */
export function omittedFacts({ states, signals }: CheckedItems, names: Names, scopeOf: (of: Checked<unknown>) => Scope): OmittedFact[] {
  return [...states, ...signals].flatMap((each): OmittedFact[] => {
    const kind = each.item.section === "signal" ? "signal" : "state";
    if (!names.isOmitted(kind, each.name)) return [];
    const permissions = resolveRights(each.raw?.permissions, ["permissions"], scopeOf(each));
    // one that lists none may have meant to, in a key that is misspelt or in a file that could not be read
    const isKnown = permissions.length > 0 && !names.mayBeUnread(each.name);
    return [{ kind, name: each.name, permissions: isKnown ? permissions : [NOBODYS] }];
  });
}

/** A right that nobody has: no permission has an empty name. */
const NOBODYS: Right = { kind: "permission", name: "" };
