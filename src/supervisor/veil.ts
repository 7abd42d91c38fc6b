import type { Listing, ServiceRow, SignalRow, StateRow, VariableRow } from "../control/api.ts";
import type { Fact } from "../model/fact.ts";
import type { Json } from "../model/json.ts";
import type { CallerRights } from "./caller-rights.ts";

/**
 * What a client without all rights is shown (SPEC 12): names, phases and reasons of everything, payloads only of what lists no permissions or one
 * that it has. A key of a branch is part of its payload. The name of an instance is a name, also where it is made of a key.
 */

export function veiledListing({ services, states, signals }: Listing, rights: CallerRights): Listing {
  return {
    services: services.map((row) => veiledService(row, rights)),
    states: states.map((row) => veiledState(row, rights)),
    signals: signals.map((row): SignalRow => (rights.maySeeSignal(row.name) ? row : { ...row, restricted: true })),
  };
}

/** What a process says about itself is as its output. */
export function veiledService(row: ServiceRow, rights: CallerRights): ServiceRow {
  return row.status_text === null || rights.mayControlNamed(row.name) ? row : { ...row, status_text: null };
}

export function veiledState(row: StateRow, rights: CallerRights): StateRow {
  return rights.maySeeState(row.name) ? row : { ...row, branches: [], restricted: true };
}

/** Of variables nothing but the names is for everybody: they are handed to services as states are, and list no permissions. */
export function veiledVariable(row: VariableRow): VariableRow {
  return { ...row, value: null, restricted: true };
}

/** What has happened stays seen, but not with what. */
export function veiledFact(fact: Fact, rights: CallerRights): Fact {
  switch (fact.kind) {
    case "state":
      if (rights.maySeeState(fact.name)) return fact;
      return { ...fact, key: "", before: shape(fact.before), after: shape(fact.after), restricted: true };
    case "signal":
      return rights.maySeeSignal(fact.name) ? fact : { ...fact, payload: null, restricted: true };
    case "phase":
    case "request":
    case "outside":
      return fact;
  }
}

/** Absence is no payload. */
function shape(payload: Json | undefined): null | undefined {
  return payload === undefined ? undefined : null;
}
