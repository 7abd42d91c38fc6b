import { assertNever } from "../lib/assert-never.ts";
import type { Condition, Match } from "../model/condition.ts";
import { type Literal, serviceState } from "./condition.ts";
import { compactText } from "./payload.ts";

const HIDDEN_SERVICE = serviceState("");

/** A condition in words, as `why` shows it. Groups name only themselves: what is under them has words of its own. */
export function describeCondition(condition: Condition): string {
  switch (condition.kind) {
    case "state":
    case "signal":
      return `${condition.kind} ${condition.name}${describeMatch(condition.match)}`;
    case "service":
      return `service ${condition.name}${condition.key === undefined ? "" : `/${condition.key}`} is ${condition.is}`;
    case "any":
      return "any of";
    case "all":
      return "all of";
    case "not":
      return "not";
    default:
      return assertNever(condition);
  }
}

/** A single state in words, with its sign. */
export function describeLiteral({ negated, state, match }: Literal): string {
  if (state.startsWith(HIDDEN_SERVICE)) return `a condition on service ${state.slice(HIDDEN_SERVICE.length)}`;
  return `${negated ? "not " : ""}state ${state}${describeMatch(match)}`;
}

function describeMatch(matches: readonly Match[]): string {
  return matches.map((match) => ` ${describeOne(match)}`).join("");
}

function describeOne(match: Match): string {
  switch (match.kind) {
    case "equals":
      return `= ${JSON.stringify(match.text)}`;
    case "contains":
      return `containing ${JSON.stringify(match.text)}`;
    case "as":
      return `with ${compactText(match.value)}`;
    case "binary":
      return "of bytes";
    default:
      return assertNever(match);
  }
}
