import type { ServiceDecl } from "../model/unit-set.ts";
import { components, wayBetween } from "./components.ts";
import type { Declarations } from "./declarations.ts";
import type { Findings } from "./findings.ts";
import { type NameUse, stateOfUse } from "./references.ts";

/**
 * Reports what has no well-defined meaning when it goes in a circle: states through a negation, and services through `after` and `requires`.
 * `groups` are the components of the states; a circle without a negation is allowed.
 */
export function checkCycles(declared: Declarations, groups: readonly (readonly string[])[], findings: Findings): void {
  for (const group of groups) if (group.length > 1) checkStates(declared, group, findings);
  checkServices(declared, findings);
}

function checkStates(declared: Declarations, group: readonly string[], findings: Findings): void {
  const members = new Set(group);
  const usesIn = (name: string): readonly NameUse[] => declared.uses.get(name) ?? [];
  const inputs = (name: string): readonly string[] => usesIn(name).flatMap((use) => stateOfUse(use) ?? []);
  for (const name of group) {
    for (const use of usesIn(name)) {
      const input = stateOfUse(use);
      if (!use.negated || input === undefined || input === name || !members.has(input)) continue;
      const circle = [name, ...wayBetween(input, name, group, inputs)].join(" -> ");
      const hint = `${name} would have to be inactive because it is active: take it out of the circle`;
      findings.error("state", name, use.path, `a cycle through a negation: ${circle}`, hint);
    }
  }
}

function checkServices({ services }: Declarations, findings: Findings): void {
  // What waits for nothing is in no circle, and most services wait for nothing.
  const waiting = [...services.values()].filter(({ after, requires }) => after.length > 0 || requires.length > 0);
  if (waiting.length === 0) return;
  const orders = (name: string): readonly Order[] => ordersOf(services.get(name));
  const awaited = new Map(waiting.map(({ name, after, requires }) => [name, [...after, ...requires].map(({ service }) => service)]));
  const inputs = (name: string): readonly string[] => awaited.get(name) ?? NOTHING;
  for (const group of components(awaited.keys(), inputs)) {
    const first = group[0];
    if (first === undefined || group.length < 2) continue;
    const circle = wayBetween(first, first, group, inputs);
    const steps = circle.slice(1).flatMap((to, i) => orders(circle[i] ?? "").find(({ service }) => service === to) ?? []);
    const keys = [...new Set(steps.map(({ key }) => key))].sort().join(" and ");
    const path = [steps[0]?.key ?? "after", steps[0]?.index ?? 0];
    findings.error("service", first, path, `a cycle through ${keys}: ${circle.join(" -> ")}`, "none of them could ever start");
  }
}

const NOTHING: readonly string[] = [];

interface Order {
  readonly key: "after" | "requires";
  readonly index: number;
  readonly service: string;
}

/** What a service waits for without end. Of `wants` it is content with what waits itself, so these can go in a circle. */
function ordersOf(service: ServiceDecl | undefined): readonly Order[] {
  if (service === undefined) return [];
  return (["after", "requires"] as const).flatMap((key) => service[key].map((item, index) => ({ key, index, service: item.service })));
}
