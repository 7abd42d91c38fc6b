import { assertNever } from "../lib/assert-never.ts";
import type { Condition } from "../model/condition.ts";
import type { StateDecl } from "../model/unit-set.ts";
import type { Path } from "./condition.ts";
import { serviceState } from "./condition.ts";

/** A name in a condition, and where it stands. */
export interface NameUse {
  readonly kind: "state" | "signal" | "service";
  readonly name: string;
  /** Under an odd number of `not`, or in a place that works against the item: `stop-on`, `activate-on-none`. */
  readonly negated: boolean;
  readonly path: Path;
}

/** Every name in the conditions of a list, in the order of writing; `base` is the path of the list. */
export function usesOf(conditions: readonly Condition[], base: Path): readonly NameUse[] {
  if (conditions.length === 0) return NO_USES;
  return conditions.flatMap((condition, i) => usesIn(condition, false, [...base, i]));
}

const NO_USES: readonly NameUse[] = [];

/**
 * Every name that a state depends on. Everything in `stop-on` counts as negated whatever its own sign: a state must not be able to
 * change what masks it.
 */
export function usesOfState(decl: StateDecl): readonly NameUse[] {
  return [
    ...usesOf(decl.after, ["after"]),
    ...usesOf(decl.stopOn, ["stop-on"]).map((use) => ({ ...use, negated: true })),
    ...decl.activateOnNone.map(({ state }, i): NameUse => ({ kind: "state", name: state, negated: true, path: ["activate-on-none", i] })),
  ];
}

/** The state in the store that a use is about; undefined for signals. */
export function stateOfUse({ kind, name }: NameUse): string | undefined {
  if (kind === "signal") return undefined;
  return kind === "service" ? serviceState(name) : name;
}

function usesIn(condition: Condition, negated: boolean, path: Path): readonly NameUse[] {
  const { kind } = condition;
  switch (kind) {
    case "state":
    case "signal":
    case "service":
      return [{ kind, name: condition.name, negated, path }];
    case "any":
    case "all":
      return condition.of.flatMap((part, i) => usesIn(part, negated, [...path, kind, i]));
    case "not":
      return usesIn(condition.of, !negated, [...path, "not"]);
    default:
      return assertNever(kind);
  }
}
