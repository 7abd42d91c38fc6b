import type { SignalRow, StateRow } from "../../control/api.ts";
import type { Fact } from "../../model/fact.ts";
import { isJsonObject, type Json } from "../../model/json.ts";

/**
 * What people are not shown because it only says again what stands beside it: the state `rind@service` repeats the phases of the
 * services, and built-in names that are not in use say nothing. Json has all of it.
 */

/** A branch for each instance, with its phase and flags. */
export const PHASES_AS_STATE = "rind@service";
const BUILT_IN_GROUP = "rind@";

export function worthListing(item: StateRow | SignalRow): boolean {
  return !item.name.startsWith(BUILT_IN_GROUP) || (item.name !== PHASES_AS_STATE && "active" in item && item.active);
}

/** Without the echoes of phases that have caused nothing. A flag that changes where the phase does not is no echo. */
export function withoutEchoes(facts: readonly Fact[]): readonly Fact[] {
  const causes = new Set(facts.flatMap((fact) => fact.cause));
  return facts.filter((fact) => !isEcho(fact) || causes.has(fact.id));
}

function isEcho(fact: Fact): boolean {
  return fact.kind === "state" && fact.name === PHASES_AS_STATE && phaseIn(fact.before) !== phaseIn(fact.after);
}

function phaseIn(row: Json | undefined): Json | undefined {
  return row !== undefined && isJsonObject(row) ? row["phase"] : undefined;
}
