import type { ServiceRow } from "../../control/api.ts";
import { paintPhase, type Style } from "./style.ts";
import { renderTable } from "./table.ts";
import { age } from "./time.ts";

export function serviceTable(rows: readonly ServiceRow[], style: Style, nowMs: number, columns: number): string[] {
  const header = ["SERVICE", "PHASE", "READY", "PID", "RESTARTS", "FOR", "REASON"];
  const cells = rows.map((row) => [
    row.name,
    { text: row.phase + (row.stale ? "*" : ""), paint: paintPhase(style, row.phase) },
    readiness(row),
    row.pid === null ? "-" : String(row.pid),
    String(row.restarts),
    row.since === null ? "-" : age(Date.parse(row.since), nowMs),
    whyItIsSo(row),
  ]);
  const stale = rows.some((row) => row.stale) ? ["* runs with what was declared before the last reload: rind restart NAME"] : [];
  return [...renderTable(header, cells, columns), ...stale];
}

/** One line on how a service is, as answer to `rind start` and its kin. */
export function serviceLine(row: ServiceRow, style: Style): string {
  const reason = whyItIsSo(row);
  const pid = row.pid === null ? "" : ` (pid ${row.pid})`;
  return `${row.name} ${paintPhase(style, row.phase)(row.phase)}${pid}${reason === "" ? "" : `: ${reason}`}`;
}

/** All that is known of one service, a field per line. */
export function serviceDetails(row: ServiceRow, style: Style, nowMs: number): string[] {
  const since = row.since === null ? "" : ` for ${age(Date.parse(row.since), nowMs)}`;
  const fields: [string, string][] = [
    ["phase", paintPhase(style, row.phase)(row.phase) + since],
    ["reason", row.reason],
    ["says", row.status_text ?? ""],
    ["ready", readiness(row)],
    ["healthy", row.healthy === null ? "" : yesNo(row.healthy)],
    ["pid", row.pid === null ? "" : String(row.pid)],
    ["branch", row.branch ?? ""],
    ["restarts", String(row.restarts)],
    ["last exit", row.exit === null ? "" : exitText(row.exit)],
    ...row.waiting.map((text): [string, string] => ["waits for", text]),
    ["stale", row.stale ? "runs with what was declared before the last reload" : ""],
  ];
  const shown = fields.filter(([, value]) => value !== "" && value !== "-");
  return [style.bold(row.name), ...shown.map(([name, value]) => `  ${style.dim(name.padEnd(9))}  ${value}`)];
}

function whyItIsSo(row: ServiceRow): string {
  return row.waiting.length === 0 ? row.reason : `waits for ${row.waiting.join(", ")}`;
}

function readiness(row: ServiceRow): string {
  return row.ready === null ? "-" : yesNo(row.ready);
}

function yesNo(value: boolean): string {
  return value ? "yes" : "no";
}

function exitText(exit: NonNullable<ServiceRow["exit"]>): string {
  return exit.signal === null ? `code ${exit.code}` : `killed by ${exit.signal}`;
}
