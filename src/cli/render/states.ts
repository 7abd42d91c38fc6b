import type { SignalRow, StateRow } from "../../control/api.ts";
import type { Json } from "../../model/json.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** A row per branch; a state that is not active has one row without payload. */
export function stateTable(states: readonly StateRow[], style: Style, columns: number): string[] {
  const rows = states.flatMap((state): (string | Cell)[][] => {
    if (!state.active) return [[state.name, { text: "inactive", paint: style.dim }, ""]];
    return state.branches.map((branch) => [
      state.name,
      { text: origin(state.name, branch), paint: style.green },
      JSON.stringify(branch.payload),
    ]);
  });
  return renderTable(["STATE", "SET", "PAYLOAD"], rows, columns);
}

export function signalTable(signals: readonly SignalRow[], columns: number): string[] {
  return renderTable(
    ["SIGNAL", "PAYLOAD"],
    signals.map(({ name, payload }) => [name, payload]),
    columns,
  );
}

/** Text as it is, other json compact: what a shell script wants to read. */
export function payloadText(payload: Json): string {
  return typeof payload === "string" ? payload : JSON.stringify(payload);
}

/** Who keeps these is Rind itself, though no rule derives them. */
const KEPT_BY_RIND = new Set(["rind@up", "rind@degraded", "rind@service"]);

function origin(name: string, { derived, manual }: { derived: boolean; manual: boolean }): string {
  if (KEPT_BY_RIND.has(name)) return "built in";
  if (derived) return manual ? "derived, by hand" : "derived";
  return "by hand";
}
