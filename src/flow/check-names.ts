import { nearestName } from "../lib/nearest-name.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
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
    for (const use of usesOfService(service).filter(isMeant)) checkUse("service", service.name, use, declared, findings);
  }
}

function usesOfService(service: ServiceDecl): readonly NameUse[] {
  const positive = (kind: NameUse["kind"], name: string, path: Path): NameUse => ({ kind, name, negated: false, path });
  const { branching } = service;
  return [
    ...conditionLists(service).flatMap(({ key, conditions }) => usesOf(conditions, [key])),
    ...(["after", "requires", "wants"] as const).flatMap((key) =>
      service[key].map((item, i) => positive("service", item.service, [key, i])),
    ),
    ...service.conflicts.map((name, i) => positive("service", name, ["conflicts", i])),
    ...(branching === undefined ? [] : [positive("state", branching.sourceState, ["branching", "source-state"])]),
    ...(["only", "except"] as const).flatMap((key) =>
      (branching?.[key] ?? []).flatMap((filter, i) =>
        filter.kind === "state" ? [positive("state", filter.name, ["branching", key, i])] : [],
      ),
    ),
  ];
}

function checkUse(kind: Finding["kind"], item: string, use: NameUse, declared: Declarations, findings: Findings): void {
  if (use.kind === kind && use.name === item) {
    findings.error(kind, item, use.path, `${item} names itself`, `a ${kind} cannot depend on itself`);
    return;
  }
  const known = { state: declared.states, signal: declared.signals, service: declared.services }[use.kind];
  if (known.has(use.name)) return;
  const candidates = [...known.keys()].filter((name) => !declared.hidden.has(name));
  const nearest = nearestName(use.name, candidates);
  findings.error(kind, item, use.path, `no ${use.kind} ${use.name}`, nearest === undefined ? "" : `did you mean ${nearest}?`);
}
