import { nearestName } from "../lib/nearest-name.ts";
import type { Condition } from "../model/condition.ts";
import type { OrderItem, ServiceDecl } from "../model/unit-set.ts";
import type { Path } from "./condition.ts";
import { conditionLists, type Declarations } from "./declarations.ts";
import type { Findings } from "./findings.ts";
import type { Finding } from "./plan.ts";
import { type NameUse, usesOf } from "./references.ts";

/** Reports names that nobody declared, items that name themselves, and signals where only states make sense. `lacksServices`: services may be missing. */
export function checkNames(declared: Declarations, findings: Findings, lacksServices: boolean): void {
  const isMeant = ({ kind, name }: NameUse): boolean => !lacksServices || kind !== "service" || declared.services.has(name);
  for (const [state, uses] of declared.uses) {
    for (const use of uses.filter(isMeant)) {
      checkUse("state", state, use, declared, findings);
      if (use.kind === "signal") {
        const message = `the lists of a state take no signal, and ${use.name} is one`;
        findings.error(
          "state",
          state,
          use.path,
          message,
          "a signal is there for a moment only: let it start a service or emit another signal",
        );
      }
    }
  }
  for (const signal of declared.signals.values()) {
    for (const use of usesOf(signal.after, ["after"]).filter(isMeant)) checkUse("signal", signal.name, use, declared, findings);
  }
  for (const service of declared.services.values()) {
    if (namesAreKnown(service, declared)) continue;
    for (const use of usesOfService(service)) if (isMeant(use)) checkUse("service", service.name, use, declared, findings);
  }
}

/** Whether nothing can be wrong with the names in a service, as with nearly all: where they stand is asked only of the others. */
function namesAreKnown(service: ServiceDecl, { services, states, signals }: Declarations): boolean {
  if (service.branching !== undefined) return false;
  const isOther = (name: string): boolean => name !== service.name && services.has(name);
  const isKnown = ({ service: name }: OrderItem): boolean => isOther(name);
  const isFact = (condition: Condition): boolean =>
    condition.kind === "state" ? states.has(condition.name) : condition.kind === "signal" && signals.has(condition.name);
  const { after, requires, wants, conflicts, startOn, stopOn, restartOn, reloadOn } = service;
  if (!after.every(isKnown) || !requires.every(isKnown) || !wants.every(isKnown) || !conflicts.every(isOther)) return false;
  return startOn.every(isFact) && stopOn.every(isFact) && restartOn.every(isFact) && reloadOn.every(isFact);
}

function usesOfService(service: ServiceDecl): readonly NameUse[] {
  const { branching, conflicts } = service;
  const uses: NameUse[] = [];
  const add = (kind: NameUse["kind"], name: string, path: Path): void => {
    uses.push({ kind, name, negated: false, path });
  };
  for (const { key, conditions } of conditionLists(service)) uses.push(...usesOf(conditions, [key]));
  for (const key of SERVICE_KEYS) {
    const items = service[key];
    if (items.length > 0) items.forEach((item, i) => add("service", item.service, [key, i]));
  }
  if (conflicts.length > 0) conflicts.forEach((name, i) => add("service", name, ["conflicts", i]));
  if (branching === undefined) return uses;
  add("state", branching.sourceState, ["branching", "source-state"]);
  for (const key of ["only", "except"] as const) {
    branching[key].forEach((filter, i) => {
      if (filter.kind === "state") add("state", filter.name, ["branching", key, i]);
    });
  }
  return uses;
}

const SERVICE_KEYS = ["after", "requires", "wants"] as const;

function checkUse(kind: Finding["kind"], item: string, use: NameUse, declared: Declarations, findings: Findings): void {
  if (use.kind === kind && use.name === item) {
    findings.error(kind, item, use.path, `${item} names itself`, `a ${kind} cannot depend on itself`);
    return;
  }
  const known = use.kind === "state" ? declared.states : use.kind === "signal" ? declared.signals : declared.services;
  if (known.has(use.name)) return;
  const candidates = [...known.keys()].filter((name) => !declared.hidden.has(name));
  const nearest = nearestName(use.name, candidates);
  findings.error(kind, item, use.path, `no ${use.kind} ${use.name}`, nearest === undefined ? "" : `did you mean ${nearest}?`);
}
