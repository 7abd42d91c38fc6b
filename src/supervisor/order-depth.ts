import { components } from "../flow/components.ts";
import type { ServiceDecl } from "../model/unit-set.ts";

type Services = ReadonlyMap<string, ServiceDecl>;

/**
 * How far each service is from those that wait for nobody: 0 for them, else one more than the deepest of its `after`, `requires` and
 * `wants`. Everybody in one layer can stop at once, when all deeper layers are down. A want inside a circle says nothing: who wants
 * does not insist. Without recursion: an order may be many thousands deep.
 */
export function orderDepths(services: Services): ReadonlyMap<string, number> {
  const inputs = inputsOf(services);
  const depths = new Map<string, number>();
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  const ready: string[] = [];
  for (const name of services.keys()) {
    const known = inputs(name);
    for (const service of known) {
      const list = dependents.get(service);
      if (list === undefined) dependents.set(service, [name]);
      else list.push(name);
    }
    waiting.set(name, known.length);
    if (known.length === 0) ready.push(name);
  }
  for (let name = ready.pop(); name !== undefined; name = ready.pop()) {
    const depth = depths.get(name) ?? 0;
    depths.set(name, depth);
    for (const dependent of dependents.get(name) ?? []) {
      depths.set(dependent, Math.max(depths.get(dependent) ?? 0, depth + 1));
      const left = (waiting.get(dependent) ?? 1) - 1;
      waiting.set(dependent, left);
      if (left === 0) ready.push(dependent);
    }
  }
  return depths;
}

/** Whom each service comes after; free of circles. */
function inputsOf(services: Services): (name: string) => readonly string[] {
  const hard = ({ after, requires }: ServiceDecl): readonly string[] => [...after, ...requires].map(({ service }) => service);
  const soft = ({ wants }: ServiceDecl): readonly string[] => wants.map(({ service }) => service);
  const known = (names: readonly string[]): readonly string[] => names.filter((name) => services.has(name));
  const all = new Map([...services].map(([name, decl]) => [name, known([...hard(decl), ...soft(decl)])]));
  const circle = new Map<string, readonly string[]>();
  for (const group of components(services.keys(), (name) => all.get(name) ?? []))
    if (group.length > 1) for (const name of group) circle.set(name, group);
  return (name) => {
    const decl = services.get(name);
    const group = circle.get(name);
    if (decl === undefined || group === undefined) return all.get(name) ?? [];
    const inside = new Set(group);
    return known([...hard(decl), ...soft(decl).filter((other) => !inside.has(other))]);
  };
}
