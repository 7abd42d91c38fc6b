/*
 * Dependencies between names: which of them depend on each other in a circle, and in which order to evaluate the rest.
 *
 * The order follows from the graph and the names alone, so that the order of declaration leaves no trace. Nothing recurses: a chain of
 * 100,000 names must not overflow the stack.
 */

export type Inputs = (name: string) => readonly string[];

/**
 * Groups of names that depend on each other (most hold one name), each sorted by name. A group comes after all that it depends on: by the length
 * of the longest way from the ground, then by its smallest name. Inputs that are not in `names` are ignored.
 */
export function components(names: Iterable<string>, inputs: Inputs): readonly (readonly string[])[] {
  const sorted = [...new Set(names)].sort();
  // What depends on nothing is in no circle.
  const groups: (readonly string[])[] = sorted.filter((name) => inputs(name).length === 0).map((name) => [name]);
  const ground = groups.length;
  if (ground < sorted.length) {
    for (const group of stronglyConnected(
      sorted.filter((name) => inputs(name).length > 0),
      inputs,
    ))
      groups.push(group);
  }
  const groupOf = new Map<string, number>();
  for (const [no, group] of groups.entries()) for (const name of group) groupOf.set(name, no);
  const levels: number[] = [];
  for (const [no, group] of groups.entries()) {
    let level = 0;
    if (no >= ground)
      for (const name of group) {
        for (const input of inputs(name)) {
          const from = groupOf.get(input);
          // Tarjan's order: what a group depends on was found before it.
          if (from !== undefined && from !== no) level = Math.max(level, (levels[from] ?? 0) + 1);
        }
      }
    levels.push(level);
  }
  const smallest = (no: number): string => groups[no]?.[0] ?? "";
  return [...groups.keys()]
    .sort((a, b) => (levels[a] ?? 0) - (levels[b] ?? 0) || (smallest(a) < smallest(b) ? -1 : 1))
    .map((no) => groups[no] ?? []);
}

/** A shortest way along inputs from `from` to `to`, both included, without leaving `within`. */
export function wayBetween(from: string, to: string, within: readonly string[], inputs: Inputs): readonly string[] {
  const allowed = new Set(within);
  const cameFrom = new Map<string, string>();
  const queue = [from];
  for (const name of queue) {
    for (const input of inputs(name)) {
      if (!allowed.has(input) || cameFrom.has(input)) continue;
      cameFrom.set(input, name);
      if (input === to) return wayBack(from, to, cameFrom);
      queue.push(input);
    }
  }
  return [from, to];
}

function wayBack(from: string, to: string, cameFrom: ReadonlyMap<string, string>): readonly string[] {
  const way = [to];
  let at = cameFrom.get(to);
  while (at !== undefined && at !== from) {
    way.unshift(at);
    at = cameFrom.get(at);
  }
  return [from, ...way];
}

interface Visit {
  readonly name: string;
  readonly index: number;
  /** The smallest index that is reached from here on the stack. */
  low: number;
  onStack: boolean;
  readonly rest: Iterator<string>;
}

/** Tarjan's algorithm with its stack of calls kept by hand. */
function stronglyConnected(names: readonly string[], inputs: Inputs): readonly (readonly string[])[] {
  const known = new Set(names);
  const visits = new Map<string, Visit>();
  const stack: Visit[] = [];
  const groups: string[][] = [];
  const enter = (name: string): Visit => {
    const visit: Visit = { name, index: visits.size, low: visits.size, onStack: true, rest: inputs(name)[Symbol.iterator]() };
    visits.set(name, visit);
    stack.push(visit);
    return visit;
  };
  for (const root of names) {
    if (visits.has(root)) continue;
    const calls = [enter(root)];
    for (let top = calls.at(-1); top !== undefined; top = calls.at(-1)) {
      const next = top.rest.next();
      if (next.done !== true) {
        const seen = visits.get(next.value);
        if (seen === undefined) {
          if (known.has(next.value)) calls.push(enter(next.value));
        } else if (seen.onStack) top.low = Math.min(top.low, seen.index);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1);
      if (caller !== undefined) caller.low = Math.min(caller.low, top.low);
      if (top.low === top.index) groups.push(popGroup(stack, top));
    }
  }
  return groups;
}

function popGroup(stack: Visit[], root: Visit): string[] {
  const group: string[] = [];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    visit.onStack = false;
    group.push(visit.name);
    if (visit === root) break;
  }
  return group.sort();
}
