import { nearestName } from "../lib/nearest-name.ts";
import { UndeclaredError } from "./rind-error.ts";

/** More names than these are no help on a line. */
const LISTED = 12;

/**
 * The error for a name that nothing has, with the nearest of `known` as its hint, else `otherwise`, else all of them where they are few.
 * Hidden names (`~`) are no hint.
 */
export function undeclared(message: string, name: string, known: Iterable<string>, otherwise?: string): UndeclaredError {
  const candidates = [...known].filter((candidate) => !candidate.startsWith("~"));
  const nearest = nearestName(name, candidates);
  return new UndeclaredError(message, { hint: nearest === undefined ? (otherwise ?? listed(candidates)) : `did you mean ${nearest}?` });
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "there is none";
  return names.length > LISTED ? "rind list shows what there is" : `there are: ${names.toSorted().join(", ")}`;
}
