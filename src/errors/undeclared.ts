import { nearestName } from "../lib/nearest-name.ts";
import { UndeclaredError } from "./rind-error.ts";

/** The error for a name that nothing has, with the nearest of `known` as its hint, else `otherwise`. Hidden names (`~`) are no hint. */
export function undeclared(
  message: string,
  name: string,
  known: Iterable<string>,
  otherwise = "rind list shows what there is",
): UndeclaredError {
  const nearest = nearestName(
    name,
    [...known].filter((candidate) => !candidate.startsWith("~")),
  );
  return new UndeclaredError(message, { hint: nearest === undefined ? otherwise : `did you mean ${nearest}?` });
}
