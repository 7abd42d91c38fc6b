import type { SignalRow, StateRow } from "../../control/api.ts";
import type { Json } from "../../model/json.ts";
import type { Style } from "./style.ts";
import { type Cell, renderTable } from "./table.ts";

/** In place of what the caller has no right to see. */
export const RESTRICTED = "(restricted)";

/** A row per branch; a state that is not active, or whose payloads are not to be seen, has one row. */
export function stateTable(states: readonly StateRow[], style: Style, columns: number): string[] {
  const rows = states.flatMap((state): (string | Cell)[][] => {
    if (state.restricted) return [[state.name, { text: state.active ? "active" : "inactive", paint: style.dim }, RESTRICTED]];
    if (!state.active) return [[state.name, { text: "inactive", paint: style.dim }, ""]];
    return state.branches.map((branch) => [
      state.name,
      { text: origin(state, branch), paint: style.green },
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

function origin({ imported, built_in: isBuiltIn }: StateRow, { derived, manual }: { derived: boolean; manual: boolean }): string {
  if (imported) return "system";
  if (isBuiltIn) return "built in";
  if (derived) return manual ? "derived, by hand" : "derived";
  return "by hand";
}
