import type { ChangeAnswer } from "../control/api.ts";
import { keyOfRecord, recordOf, UNNAMED } from "../flow/branch-key.ts";
import { isSubset } from "../flow/payload.ts";
import type { Change } from "../model/change.ts";
import type { Fact } from "../model/fact.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Supervisor } from "./supervisor.ts";

/** What a transaction did, in causal order; the rows that Rind keeps of services are told by what was asked of these. */
export function effectsOf(facts: readonly Fact[]): ChangeAnswer["effects"] {
  return facts.flatMap((fact): ChangeAnswer["effects"] => {
    switch (fact.kind) {
      case "state":
        if (fact.name.startsWith("~") || fact.name === "rind@service") return [];
        return [{ kind: fact.after === undefined ? "state.unset" : "state.set", name: fact.name }];
      case "signal":
        return [{ kind: "signal.emit", name: fact.name }];
      case "request":
        return [{ kind: `service.${fact.action}`, name: fact.instance }];
      case "phase":
      case "outside":
        return [];
    }
  });
}

/** What the caller could not guess from the answer: that a branch is masked, or stays because it is derived. */
export function notesOn({ flow, index }: Supervisor, change: Change, written: boolean): readonly string[] {
  if (change.op !== "set" && change.op !== "unset") return [];
  const { state } = change;
  const identity = index.program.states.get(state)?.identity ?? [];
  const keyOf = (payload: Json): string => keyOfRecord(recordOf(payload, identity)) ?? UNNAMED;
  if (change.op === "set") {
    const { masked } = flow.supports(state, keyOf(change.payload ?? null));
    return masked ? [`${state} is masked: what was set by hand is kept, and is seen when stop-on or activate-on-none no longer holds`] : [];
  }
  const { filter } = change;
  const named = isJsonObject(filter) ? keyOf(filter) : UNNAMED;
  const concerned = named === UNNAMED ? [...flow.branches(state).keys()] : [named];
  const stays = concerned.some((key) => flow.supports(state, key).derived && fits(filter, flow.branches(state).get(key)));
  if (!stays) return [];
  const what = `${state} is derived from its after conditions, which still hold (rind why ${state})`;
  return [written ? `what was set by hand is gone; ${what}` : `nothing was set by hand; ${what}`];
}

function fits(filter: Json | undefined, payload: Json | undefined): boolean {
  if (payload === undefined || filter === undefined) return payload !== undefined;
  return typeof filter === "string" ? payload === filter : isSubset(filter, payload);
}
