import type { Condition, Match } from "../../model/condition.ts";
import type { ServiceDecl } from "../../model/unit-set.ts";
import { alternatives, type Literal, type SignalLiteral } from "../condition.ts";

/** One way in which a list holds: all literals, and the signals if there are any. */
export interface Alternative<T> {
  readonly signals: readonly SignalLiteral[];
  readonly literals: readonly T[];
}

/** The condition lists of a service, brought into the form in which its guard counts. */
export interface GuardLists<T> {
  /** undefined: no `start-on`, a level that always holds. */
  readonly start: readonly Alternative<T>[] | undefined;
  readonly stop: readonly Alternative<T>[];
  /** The branches that make instances. */
  readonly source: T | undefined;
  readonly only: readonly T[];
  readonly except: readonly T[];
}

export function guardLists(decl: ServiceDecl): GuardLists<Literal> {
  const filterStates = (filters: readonly { kind: string; name?: string }[]): Literal[] =>
    filters.flatMap((filter) => (filter.kind === "state" && filter.name !== undefined ? [literal(filter.name, [])] : []));
  return {
    start: decl.startOn.length === 0 ? undefined : alternatives(decl.startOn),
    stop: decl.stopOn.flatMap((condition) => alternatives([condition])),
    source: decl.branching === undefined ? undefined : literal(decl.branching.sourceState, []),
    only: filterStates(decl.branching?.only ?? []),
    except: filterStates(decl.branching?.except ?? []),
  };
}

export function mapLists<A, B>(lists: GuardLists<A>, make: (from: A) => B): GuardLists<B> {
  const alternative = ({ signals, literals }: Alternative<A>): Alternative<B> => ({ signals, literals: literals.map(make) });
  return {
    start: lists.start?.map(alternative),
    stop: lists.stop.map(alternative),
    source: lists.source === undefined ? undefined : make(lists.source),
    only: lists.only.map(make),
    except: lists.except.map(make),
  };
}

/** The single states and signals under a list, whatever their sign: what `restart-on` and `reload-on` listen to. */
export function leaves(conditions: readonly Condition[]): readonly Leaf[] {
  return conditions.flatMap(leavesOf);
}

export type Leaf = { readonly kind: "state" | "signal"; readonly name: string; readonly match: readonly Match[] };

function leavesOf(condition: Condition): Leaf[] {
  switch (condition.kind) {
    case "state":
    case "signal":
      return [condition];
    case "service":
      return alternatives([condition]).flatMap(({ literals }) =>
        literals.map(({ state, match }): Leaf => ({ kind: "state", name: state, match })),
      );
    case "not":
      return leavesOf(condition.of);
    case "any":
    case "all":
      return condition.of.flatMap(leavesOf);
  }
}

function literal(state: string, match: readonly Match[]): Literal {
  return { negated: false, state, match, gate: false };
}
