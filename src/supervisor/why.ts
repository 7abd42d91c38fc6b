import type { ConditionRow, StateRow, Why } from "../control/api.ts";
import { UndeclaredError } from "../errors/rind-error.ts";
import { serviceState } from "../flow/condition.ts";
import { describeCondition } from "../flow/describe.ts";
import { holds, type Moment } from "../flow/holds.ts";
import { compactText } from "../flow/payload.ts";
import { undeclared } from "../errors/undeclared.ts";
import type { Condition } from "../model/condition.ts";
import type { Fact } from "../model/fact.ts";
import { instanceName, splitInstance, WHOLE } from "../model/name.ts";
import { isDown } from "../model/phase.ts";
import type { ServiceDecl, SignalDecl, StateDecl } from "../model/unit-set.ts";
import { orderNow, phaseText } from "./order-now.ts";
import { publicFacts } from "./public-facts.ts";
import { isKeptByRind } from "./settable.ts";
import { instanceRow, serviceRows, stateRow } from "./shown-rows.ts";
import type { Supervisor } from "./supervisor.ts";
import { momentFor, momentOf } from "./waiting.ts";

/** How much of a payload is shown beside a condition. */
const SHOWN_PAYLOAD = 80;

/** What conditions are judged on, and of which states it may be told what their payloads are. */
interface View extends Moment {
  readonly shows: (state: string) => boolean;
}

/**
 * Why a service, state or signal is as it is: each condition and whether it holds, what is waited for, what led to it. Of states that are not among
 * those that it `shows` it says no payload, nor a key of a branch; the facts in `because` are whole.
 */
export function why(supervisor: Supervisor, name: string, shows: (state: string) => boolean = () => true): Why {
  const { service, key } = splitInstance(name);
  const decl = supervisor.index.services.get(service);
  if (decl !== undefined) return whyService(supervisor, decl, key, shows);
  const { states, signals } = supervisor.index.units;
  const state = states.find((candidate) => candidate.name === name);
  if (state !== undefined || supervisor.index.program.states.has(name)) return whyState(supervisor, name, state, shows);
  const signal = signals.find((candidate) => candidate.name === name);
  if (signal !== undefined || supervisor.index.program.signals.has(name)) return whySignal(supervisor, name, signal, shows);
  const known = [
    ...supervisor.index.services.keys(),
    ...supervisor.index.program.states.keys(),
    ...supervisor.index.program.signals.keys(),
  ];
  throw undeclared(`nothing is called ${name}`, name, known);
}

function whyService(supervisor: Supervisor, decl: ServiceDecl, key: string, shows: View["shows"]): Why {
  const name = instanceName(decl.name, key);
  const instance = supervisor.instances.get(name);
  if (key !== WHOLE && instance === undefined && decl.branching === undefined)
    throw new UndeclaredError(`${decl.name} does not branch, so there is no ${name}`);
  const row = instance === undefined ? null : instanceRow(supervisor, instance);
  const moment = { ...momentFor(supervisor, decl, key), shows };
  const lists = conditionLists(supervisor, decl, key, moment);
  const phase = row?.phase ?? "inactive";
  const waiting = row?.waiting ?? [];
  const cause = phase === "blocked" && waiting.length > 0 ? `waits for ${waiting.join(", ")}` : (row?.reason ?? "");
  const branches =
    decl.branching !== undefined && key === WHOLE ? serviceRows(supervisor, decl).filter(({ branch }) => branch !== null) : [];
  const summary =
    branches.length > 0
      ? `${name} has ${branches.length} ${branches.length === 1 ? "instance" : "instances"}: ${branches.map(({ branch, phase: at }) => `${branch} ${at}`).join(", ")}`
      : `${name} is ${phase}${cause === "" ? ", and was never started" : `: ${cause}`}`;
  return {
    name,
    kind: "service",
    summary,
    service: row,
    conditions: lists,
    waiting,
    would: isDown(phase) && branches.length === 0 ? wouldStart(decl, key, moment, supervisor) : [],
    because: instance === undefined || instance.lastFact === 0 ? [] : chainTo(instance.lastFact, supervisor),
  };
}

function conditionLists(supervisor: Supervisor, decl: ServiceDecl, key: string, moment: View): Why["conditions"] {
  const list = (name: string, conditions: readonly Condition[]): Why["conditions"] => conditionList(supervisor, name, conditions, moment);
  const entries = orderNow(supervisor, decl, key);
  const order = (["after", "requires", "wants", "conflicts"] as const).flatMap((name) => {
    const rows = entries
      .filter((entry) => entry.key === name)
      .map(({ service, asked, holds: fulfilled, now }): ConditionRow => {
        return {
          text: `service ${service} is ${asked}${name === "wants" ? ", or not to be waited for" : ""}`,
          holds: fulfilled,
          now,
          of: [],
        };
      });
    return rows.length === 0 ? [] : [{ key: name, rows }];
  });
  return [
    ...list("start-on", decl.startOn),
    ...list("stop-on", decl.stopOn),
    ...order,
    ...list("restart-on", decl.restartOn),
    ...list("reload-on", decl.reloadOn),
  ];
}

function conditionList(supervisor: Supervisor, key: string, conditions: readonly Condition[], moment: View): Why["conditions"] {
  return conditions.length === 0 ? [] : [{ key, rows: conditions.map((condition) => conditionRow(supervisor, condition, moment)) }];
}

function conditionRow(supervisor: Supervisor, condition: Condition, moment: View): ConditionRow {
  const of = condition.kind === "any" || condition.kind === "all" ? condition.of : condition.kind === "not" ? [condition.of] : [];
  return {
    text: describeCondition(condition),
    holds: holds(condition, moment),
    now: nowText(supervisor, condition, moment),
    of: of.map((part) => conditionRow(supervisor, part, moment)),
  };
}

function nowText(supervisor: Supervisor, condition: Condition, moment: View): string {
  if (condition.kind === "state") {
    const payloads = [...moment.branches(condition.name)].filter((payload) => moment.sees?.(payload) ?? true);
    if (payloads.length === 0) return "not active";
    return moment.shows(condition.name) ? shorten(payloads.map(compactText).join(" ")) : "active";
  }
  if (condition.kind !== "service") return "";
  const rows = [...moment.branches(serviceState(condition.name))];
  return rows.map((row) => phaseText(supervisor, row)).join(", ") || "it has no instance";
}

/** What would start an instance that is down. */
function wouldStart(decl: ServiceDecl, key: string, moment: Moment, supervisor: Supervisor): readonly string[] {
  const guard = supervisor.guards.get(decl.name);
  const judgement = guard?.judgements.get(key);
  if (decl.branching !== undefined && judgement === undefined) {
    const { sourceState, key: field } = decl.branching;
    return [`a branch of ${sourceState} with ${key === WHOLE ? field : `${field} = ${key}`}`];
  }
  const byHand = `rind start ${instanceName(decl.name, key)}`;
  if (decl.status !== "start") return [`${byHand} (status = "${decl.status}")`];
  if (guard?.stoppedWhole === true) return [byHand];
  const blockers = decl.stopOn
    .filter((condition) => holds(condition, moment))
    .map((condition) => `an end of ${describeCondition(condition)} (stop-on)`);
  const unmet = decl.startOn.filter((condition) => !holds(condition, moment)).map(wish);
  // the end of a stop-on starts only what it took down, or what has risen meanwhile
  const missing = judgement?.held === true || unmet.length > 0 ? [...blockers, ...unmet] : [];
  if (missing.length > 0) return [missing.join(", and "), byHand];
  return decl.startOn.length === 0
    ? [byHand]
    : ["start-on holds already: only a new rise of it does (something in it ends and comes again)", byHand];
}

function wish(condition: Condition): string {
  switch (condition.kind) {
    case "signal":
      return `an emit of ${condition.name}`;
    case "state":
      return `${describeCondition(condition)}`;
    case "not":
      return `an end of ${describeCondition(condition.of)}`;
    case "any":
      return `one of: ${condition.of.map(wish).join("; ")}`;
    case "all":
      return condition.of.map(wish).join(" and ");
    case "service":
      return `that ${describeCondition(condition)}`;
  }
}

function whyState(supervisor: Supervisor, name: string, decl: StateDecl | undefined, shows: View["shows"]): Why {
  const { history } = supervisor;
  const row = stateRow(supervisor, name);
  const moment = { ...momentOf(supervisor), shows };
  const list = (key: string, conditions: readonly Condition[]): Why["conditions"] => conditionList(supervisor, key, conditions, moment);
  const none = (decl?.activateOnNone ?? []).map(
    (entry): Condition => ({ kind: "not", of: { kind: "state", name: entry.state, match: [] } }),
  );
  const last = history.last(1, (fact) => fact.kind === "state" && fact.name === name)[0];
  const after = decl?.after ?? [];
  return {
    name,
    kind: "state",
    summary: row.active
      ? `${name} is active${shows(name) ? `: ${row.branches.map((branch) => branchText(row, branch)).join("; ")}` : ""}`
      : `${name} is not active`,
    service: null,
    conditions: [...list("after", after), ...list("activate-on-none", none), ...list("stop-on", decl?.stopOn ?? [])],
    waiting: [],
    would: row.active
      ? []
      : [
          ...after.filter((condition) => !holds(condition, moment)).map(wish),
          ...(row.built_in ? [] : handCommand(name, "set", row.imported)),
        ],
    because: last === undefined ? [] : chainTo(last.id, supervisor),
  };
}

function branchText({ imported, built_in: isBuiltIn }: StateRow, { key, derived, manual }: StateRow["branches"][number]): string {
  const hand = isBuiltIn ? "kept by Rind" : "set by hand";
  const by = imported ? "so says the system" : [...(manual ? [hand] : []), ...(derived ? ["derived"] : [])].join(" and ");
  return key === "" ? by : `${key} (${by})`;
}

function whySignal(supervisor: Supervisor, name: string, decl: SignalDecl | undefined, shows: View["shows"]): Why {
  const { history } = supervisor;
  const last = history.last(1, (fact) => fact.kind === "signal" && fact.name === name)[0];
  const moment = { ...momentOf(supervisor), shows };
  const after = decl?.after ?? [];
  return {
    name,
    kind: "signal",
    summary:
      last === undefined
        ? `${name} was not emitted as far as is remembered`
        : `${name} was last emitted at ${new Date(last.time).toISOString()}`,
    service: null,
    conditions: conditionList(supervisor, "after", after, moment),
    waiting: [],
    would: handCommand(name, "emit", supervisor.index.program.signals.get(name)?.imported),
    because: last === undefined ? [] : chainTo(last.id, supervisor),
  };
}

/** The way from outside to this fact, as far as people may see it. */
function chainTo(id: number, { history }: Supervisor): readonly Fact[] {
  return publicFacts(history.chainTo(id), history);
}

function shorten(text: string): string {
  return text.length <= SHOWN_PAYLOAD ? text : `${text.slice(0, SHOWN_PAYLOAD - 1)}…`;
}

/** The command that would do it; `imported`: only the system's daemon does. */
function handCommand(name: string, verb: "set" | "emit", imported: boolean | undefined): readonly string[] {
  if (imported) return [`rind ${verb} ${name} in the system, whose it is`];
  return isKeptByRind(name) ? [] : [`rind ${verb} ${name}`];
}
