import { isJsonObject } from "../model/json.ts";
import type { StateDecl, UnitSet } from "../model/unit-set.ts";
import { keyOfRecord, recordOf, UNNAMED } from "./branch-key.ts";
import { checkConflicts } from "./check-conflicts.ts";
import { checkCycles } from "./check-cycles.ts";
import { checkNames } from "./check-names.ts";
import { checkSignal, checkState } from "./check-states.ts";
import { components } from "./components.ts";
import { alternatives, type Conjunction, type Literal } from "./condition.ts";
import { asksFactsOnly, conditionLists, type Declarations, declare } from "./declarations.ts";
import { Findings } from "./findings.ts";
import type { Finding, Program, StatePlan, TriggerPlan } from "./plan.ts";
import { stateOfUse } from "./references.ts";
import { edgeDraft, triggerPlans } from "./signal-plans.ts";
import { planStates, type StateDraft } from "./state-plans.ts";

const NO_INPUTS: readonly string[] = [];
const NO_CONJUNCTIONS: readonly Conjunction[] = [];

export type { Finding, Program, StatePlan } from "./plan.ts";

/**
 * A unit set as a stratified program, and the mistakes that only the whole set shows. Never throws on bad input; a program with
 * errors among its findings must not be run. `lacksServices`: that one is not there is no mistake, since it was left out.
 */
export function compile(
  units: UnitSet,
  { lacksServices = false }: { readonly lacksServices?: boolean } = {},
): { readonly program: Program; readonly findings: readonly Finding[] } {
  const findings = new Findings();
  const declared = declare(units);
  checkNames(declared, findings, lacksServices);
  const drafts = new Map<string, StateDraft>();
  for (const decl of declared.states.values()) drafts.set(decl.name, draftState(decl, declared, findings));
  const triggers = planSignals(declared, drafts, findings);
  checkServiceLists(declared, findings);
  const groups = orderStates(declared, drafts);
  checkCycles(declared, groups, findings);
  checkConflicts(declared, findings);
  const states = planStates(drafts, groups);
  for (const decl of declared.states.values()) {
    const plan = states.get(decl.name);
    if (plan !== undefined) checkState(decl, plan, findings);
  }
  const signals = new Map(
    [...declared.signals.values()].map(({ name, payload }) => [name, { name, kind: payload, imported: declared.imports.has(name) }]),
  );
  const plans = groups.map((group) => group.flatMap((name) => states.get(name) ?? []));
  return { program: { states, signals, triggers, components: plans }, findings: findings.all };
}

/**
 * The key of the one branch that a literal can be about, where its restriction names the whole identity of the state: who listens
 * for it can subscribe to that branch alone. undefined: any branch.
 */
export function stateTopicKey(program: Program, literal: Literal): string | undefined {
  return namedKey(program.states.get(literal.state), literal);
}

/** As `stateTopicKey`, for a literal on the state of this plan. */
export function namedKey(plan: StatePlan | undefined, { match }: Literal): string | undefined {
  if (plan === undefined || plan.identity.length === 0) return undefined;
  for (const one of match) {
    if (one.kind !== "as" || !isJsonObject(one.value)) continue;
    const key = keyOfRecord(recordOf(one.value, plan.identity));
    if (key !== undefined && key !== UNNAMED) return key;
  }
  return undefined;
}

function draftState(decl: StateDecl, { hidden, imports }: Declarations, findings: Findings): StateDraft {
  const statesOnly = ({ literals }: Conjunction): Conjunction => ({ signals: [], literals });
  const after =
    decl.after.length === 0 ? undefined : alternatives(decl.after, findings.within("state", decl.name, ["after"])).map(statesOnly);
  return {
    name: decl.name,
    kind: decl.payload,
    branch: decl.branch,
    after,
    stopOn:
      decl.stopOn.length === 0
        ? NO_CONJUNCTIONS
        : decl.stopOn.flatMap((condition, i) =>
            alternatives([condition], onItem("state", decl.name, "stop-on", i, findings)).map(statesOnly),
          ),
    activateOnNone: decl.activateOnNone,
    persist: decl.persist,
    imported: imports.get(decl.name)?.identity,
    hidden: hidden.has(decl.name),
    auto: decl.autoPayload !== undefined,
    edgeOf: undefined,
  };
}

/** Adds the states that watch for edges to `drafts`; returns what other signals set off. */
function planSignals(
  declared: Declarations,
  drafts: Map<string, StateDraft>,
  findings: Findings,
): ReadonlyMap<string, readonly TriggerPlan[]> {
  const triggers = new Map<string, TriggerPlan[]>();
  for (const decl of declared.signals.values()) {
    checkSignal(decl, findings);
    if (decl.after.length === 0) continue;
    const after = alternatives(decl.after, findings.within("signal", decl.name, ["after"]));
    const edge = edgeDraft(decl, after);
    if (edge !== undefined) drafts.set(edge.name, edge);
    for (const plan of triggerPlans(decl, after)) {
      const name = plan.on[0]?.name ?? "";
      const list = triggers.get(name);
      if (list === undefined) triggers.set(name, [plan]);
      else list.push(plan);
    }
  }
  for (const list of triggers.values()) list.sort((a, b) => (a.signal < b.signal ? -1 : a.signal > b.signal ? 1 : 0));
  return triggers;
}

/** `start-on` must hold as a whole, of the other lists each item counts by itself. */
function checkServiceLists({ services }: Declarations, findings: Findings): void {
  for (const service of services.values()) {
    // a state or a signal alone makes one alternative, with which nothing can be wrong
    if (service.startOn.length <= 1 && asksFactsOnly(service)) continue;
    for (const { key, conditions } of conditionLists(service)) {
      if (key === "start-on") alternatives(conditions, findings.within("service", service.name, [key]));
      else for (const [i, condition] of conditions.entries()) alternatives([condition], onItem("service", service.name, key, i, findings));
    }
  }
}

function onItem(kind: Finding["kind"], item: string, list: string, index: number, findings: Findings): ReturnType<Findings["within"]> {
  // The item is judged as a list of its own, so its paths begin with 0.
  return (path, message, hint) => findings.error(kind, item, [list, index, ...path.slice(1)], message, hint);
}

function orderStates({ uses }: Declarations, drafts: ReadonlyMap<string, StateDraft>): readonly (readonly string[])[] {
  const inputs = new Map<string, readonly string[]>();
  for (const [name, own] of uses)
    inputs.set(
      name,
      own.flatMap((use) => stateOfUse(use) ?? []),
    );
  for (const { name, edgeOf, after } of drafts.values()) {
    if (edgeOf !== undefined)
      inputs.set(
        name,
        (after ?? []).flatMap(({ literals }) => literals.map(({ state }) => state)),
      );
  }
  return components(drafts.keys(), (name) => inputs.get(name) ?? NO_INPUTS);
}
