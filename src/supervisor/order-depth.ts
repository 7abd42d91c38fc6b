import type { ServiceDecl } from "../model/unit-set.ts";

/**
 * How far each service is from those that wait for nobody: 0 for them, else one more than the deepest of its `after`. Everybody in
 * one layer can stop at once, when all deeper layers are down. Without recursion: an order may be many thousands deep.
 */
export function orderDepths(services: ReadonlyMap<string, ServiceDecl>): ReadonlyMap<string, number> {
  const depths = new Map<string, number>();
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  const ready: string[] = [];
  for (const { name, after } of services.values()) {
    const known = after.filter(({ service }) => services.has(service));
    for (const { service } of known) {
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
