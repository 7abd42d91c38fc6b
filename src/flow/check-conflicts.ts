import type { OrderItem, ServiceDecl } from "../model/unit-set.ts";
import type { Declarations } from "./declarations.ts";
import { asksForProcess, followsLoss } from "./demand/order-lists.ts";
import type { Findings } from "./findings.ts";

type Services = Declarations["services"];

interface Companion {
  readonly service: string;
  /** The entry of the lists of the first that brings it. */
  readonly key: "after" | "requires";
  readonly index: number;
}

/**
 * Reports services that can never start, because those that have to be up in that moment conflict: it would wait `blocked` without an
 * end. Only those are looked at that depend, however far, on one that conflicts.
 */
export function checkConflicts({ services }: Declarations, findings: Findings): void {
  const rivals = rivalsOf(services);
  if (rivals.size === 0) return;
  for (const decl of services.values()) {
    const companions = companionsOf(decl, services);
    if (companions.length === 0) continue;
    const clash = clashOf(decl.name, companions, rivals);
    if (clash === undefined) continue;
    const { at, text } = clash;
    findings.error(
      "service",
      decl.name,
      [at.key, at.index],
      `${decl.name} can never start: it has to run together with ${text}`,
      "take out the conflict, or what needs the other",
    );
  }
}

function clashOf(
  name: string,
  companions: readonly Companion[],
  rivals: ReadonlyMap<string, ReadonlySet<string>>,
): { readonly at: Companion; readonly text: string } | undefined {
  const own = companions.find(({ service }) => rivals.get(name)?.has(service) === true);
  if (own !== undefined) return { at: own, text: `${own.service}, which conflicts with it` };
  const before = new Set<string>();
  for (const at of companions) {
    const other = [...(rivals.get(at.service) ?? [])].find((rival) => before.has(rival));
    if (other !== undefined) return { at, text: `${other} and ${at.service}, which conflict` };
    before.add(at.service);
  }
  return undefined;
}

/** Those that have to be up when a service starts: what it waits for itself, and what that requires for as long as it runs. */
function companionsOf(decl: ServiceDecl, services: Services): readonly Companion[] {
  const found = new Map<string, Companion>();
  for (const key of ["after", "requires"] as const) {
    for (const [index, item] of decl[key].entries()) if (staysUp(item, services)) addAll(item.service, { key, index }, services, found);
  }
  return [...found.values()];
}

function addAll(
  service: string,
  at: { readonly key: Companion["key"]; readonly index: number },
  services: Services,
  found: Map<string, Companion>,
): void {
  const open = [service];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name)) continue;
    found.set(name, { service: name, ...at });
    for (const item of services.get(name)?.requires ?? []) if (followsLoss(item) && staysUp(item, services)) open.push(item.service);
  }
}

/** Asks for a process, of one that there is always: a branching service may have no instance, or one of another key. */
function staysUp({ service, is }: OrderItem, services: Services): boolean {
  const decl = services.get(service);
  if (decl === undefined || decl.branching !== undefined) return false;
  return asksForProcess(is) && (decl.type !== "oneshot" || is === "started");
}

function rivalsOf(services: Services): ReadonlyMap<string, ReadonlySet<string>> {
  const rivals = new Map<string, Set<string>>();
  const note = (from: string, to: string): void => {
    const known = rivals.get(from);
    if (known === undefined) rivals.set(from, new Set([to]));
    else known.add(to);
  };
  for (const { name, conflicts } of services.values()) {
    for (const other of conflicts) {
      if (other === name || !services.has(other)) continue;
      note(name, other);
      note(other, name);
    }
  }
  return rivals;
}
