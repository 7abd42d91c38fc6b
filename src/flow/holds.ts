import { assertNever } from "../lib/assert-never.ts";
import type { Condition, Match } from "../model/condition.ts";
import type { Json } from "../model/json.ts";
import { instanceName } from "../model/name.ts";
import type { PayloadKind } from "../model/unit-set.ts";
import { serviceState } from "./condition.ts";
import { isSubset, matches } from "./payload.ts";

/** What a condition is judged on. */
export interface Moment {
  /** Payloads of the branches of a state; of `serviceState(name)`, the instances of a service. */
  branches(state: string): Iterable<Json>;
  /** The signal that is being emitted. */
  readonly signal: { readonly name: string; readonly payload: Json } | undefined;
  /** Restricts the branches and signals to those that concern an instance. Default: all. */
  sees?(payload: Json): boolean;
  /** The declared kind of a state or signal; it decides `binary`. Default: json for all. */
  kindOf?(name: string): PayloadKind;
}

/**
 * Whether `condition` holds at this moment: the definition, used by `why` and by tests. The running guard counts instead, as this
 * looks at every branch.
 */
export function holds(condition: Condition, moment: Moment): boolean {
  switch (condition.kind) {
    case "state":
      return seen(condition.name, moment).some((payload) => fits(condition, payload, moment));
    case "signal": {
      const { signal } = moment;
      return signal?.name === condition.name && sees(moment, signal.payload) && fits(condition, signal.payload, moment);
    }
    case "service":
      return serviceHolds(condition, moment);
    case "any":
      return condition.of.some((part) => holds(part, moment));
    case "all":
      return condition.of.every((part) => holds(part, moment));
    case "not":
      return !holds(condition.of, moment);
    default:
      return assertNever(condition);
  }
}

function serviceHolds({ name, key, is }: Condition & { readonly kind: "service" }, moment: Moment): boolean {
  const flag = `~${is}`;
  const instances = seen(serviceState(name), moment);
  const some = (value: Json): boolean => instances.some((payload) => isSubset(value, payload));
  if (key !== undefined) return some({ "~id": instanceName(name, key), [flag]: true });
  return some({ [flag]: true }) && (is === "failed" || !some({ [flag]: false }));
}

function seen(state: string, moment: Moment): Json[] {
  return [...moment.branches(state)].filter((payload) => sees(moment, payload));
}

function sees(moment: Moment, payload: Json): boolean {
  return moment.sees?.(payload) ?? true;
}

function fits({ name, match }: { readonly name: string; readonly match: readonly Match[] }, payload: Json, moment: Moment): boolean {
  return matches(match, payload, moment.kindOf?.(name) ?? "json");
}
