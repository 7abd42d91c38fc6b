import type { LogLine, ServiceRow, SignalRow, StateRow } from "../control/api.ts";
import { displayKey } from "../flow/branch-key.ts";
import type { RingLine } from "../log/ring-line.ts";
import { instanceName, WHOLE } from "../model/name.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import { instanceFlags } from "../service/flags.ts";
import type { Instance } from "./instance.ts";
import { heldBy } from "./order-now.ts";
import { phaseProgress } from "./phase-progress.ts";
import { isStale } from "./stale.ts";
import { isKeptState } from "./settable.ts";
import type { Supervisor } from "./supervisor.ts";
import { waitingFor } from "./waiting.ts";

/** The shapes that clients see (SPEC 9, `--json`), made from what the supervisor knows. */

export function instanceRow(supervisor: Supervisor, instance: Instance): ServiceRow {
  const { name, key, phase, context, decl, process } = instance;
  const { ready, healthy } = instanceFlags(decl, phase, context);
  const { exit } = context;
  return {
    name,
    phase,
    ready,
    healthy,
    pid: process?.exit === undefined ? (process?.handle.mainPid() ?? null) : null,
    branch: key === WHOLE ? null : key,
    restarts: context.retries,
    exit: exit === undefined ? null : { code: exit.kind === "code" ? exit.code : null, signal: exit.kind === "killed" ? exit.by : null },
    since: new Date(supervisor.clock.date(instance.since)).toISOString(),
    waiting:
      phase === "blocked"
        ? waitingFor(supervisor, decl, key)
        : [...heldBy(supervisor, instance), ...phaseProgress(instance, supervisor.clock.now(), supervisor.probing.seen(instance))],
    reason: context.reason,
    status_text: supervisor.probing.statusText(instance),
    stale: isStale(supervisor, instance),
  };
}

/** A row per instance; of a service that has none, one of its own. */
export function serviceRows(supervisor: Supervisor, decl: ServiceDecl): readonly ServiceRow[] {
  if (decl.branching === undefined) {
    const instance = supervisor.instances.get(decl.name);
    return [instance === undefined ? silentRow(decl.name, null) : instanceRow(supervisor, instance)];
  }
  const keys = new Set([...(supervisor.guards.get(decl.name)?.keys() ?? []), ...supervisor.instances.of(decl.name).map(({ key }) => key)]);
  const rows = [...keys].map((key) => {
    const instance = supervisor.instances.get(instanceName(decl.name, key));
    return instance === undefined ? silentRow(instanceName(decl.name, key), key) : instanceRow(supervisor, instance);
  });
  return rows.length === 0 ? [silentRow(decl.name, null)] : rows;
}

export function allServiceRows(supervisor: Supervisor): readonly ServiceRow[] {
  return [...supervisor.index.services.values()].flatMap((decl) => serviceRows(supervisor, decl));
}

export function stateRow({ flow, index }: Supervisor, name: string): StateRow {
  const plan = index.program.states.get(name);
  const branches = [...flow.branches(name)].map(([key, payload]) => {
    const { manual, derived } = flow.supports(name, key);
    return {
      key: plan === undefined ? key : displayKey(plan, payload),
      payload,
      derived,
      manual: manual !== undefined && plan?.imported !== true,
    };
  });
  const row = { name, active: branches.length > 0, payload: plan?.kind ?? "any", branches };
  if (plan?.imported === true) return { ...row, imported: true };
  return isKeptState(index, name) ? { ...row, built_in: true } : row;
}

/** All states that people may know of, by name. */
export function stateRows(supervisor: Supervisor): readonly StateRow[] {
  return [...supervisor.index.program.states.keys()]
    .filter((name) => !name.startsWith("~"))
    .sort()
    .map((name) => stateRow(supervisor, name));
}

export function signalRows({ index }: Supervisor): readonly SignalRow[] {
  return [...index.program.signals.values()].map(({ name, kind }) => ({ name, payload: kind })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

let lastTime = { ms: Number.NaN, iso: "" };

/** Lines come in bursts, and the words for a time cost as much as the rest of a line. */
function isoTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, iso: new Date(ms).toISOString() };
  return lastTime.iso;
}

export function logLine({ seq, time, instance, stream, bytes }: RingLine): LogLine {
  const line = bytes.toString("utf8");
  const faithful = !line.includes("\uFFFD") || Buffer.from(line, "utf8").equals(bytes);
  const shown: LogLine = { seq, time: isoTime(time), service: instance, stream, line };
  return faithful ? shown : { ...shown, base64: bytes.toString("base64") };
}

function silentRow(name: string, branch: string | null): ServiceRow {
  return {
    name,
    phase: "inactive",
    ready: null,
    healthy: null,
    pid: null,
    branch,
    restarts: 0,
    exit: null,
    since: null,
    waiting: [],
    reason: "",
    status_text: null,
    stale: false,
  };
}
