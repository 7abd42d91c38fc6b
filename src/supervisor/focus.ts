import { UsageError } from "../errors/rind-error.ts";
import { undeclared } from "../errors/undeclared.ts";
import type { ServiceDecl, UnitSet } from "../model/unit-set.ts";

/**
 * `rind up DIR SERVICE…` (SPEC 9): the units of a run that is about these services only. The named ones start as declared, also where
 * they say `status = "stop"` or `"ignore"`; what they pull in keeps what it says; everything else is left to hands, hooks, timers and
 * sockets. No names: the units as they are.
 */
export function focusUnits(units: UnitSet, names: readonly string[]): UnitSet {
  if (names.length === 0) return units;
  const byName = new Map(units.services.map((decl) => [decl.name, decl]));
  const named = new Set(names);
  const pulled = pulledBy(named, byName);
  const services = units.services.map((decl): ServiceDecl => {
    if (named.has(decl.name)) return { ...decl, status: "start" };
    return pulled.has(decl.name) ? decl : { ...decl, status: "ignore" };
  });
  return { ...units, services };
}

/** The full names of services that were named in full or bare. Throws what says which there are. */
export function resolveServices(words: readonly string[], { services }: UnitSet): readonly string[] {
  const names = services.map(({ name }) => name);
  const known = new Set(names);
  return words.map((word) => {
    if (known.has(word)) return word;
    const candidates = names.filter((name) => name.endsWith(`@${word}`));
    const [only, ...others] = candidates;
    if (only === undefined) {
      const list = names.length === 0 ? "no service is declared" : `there are: ${names.toSorted().join(", ")}`;
      const bare = names.map((name) => name.slice(name.indexOf("@") + 1));
      throw undeclared(`no service ${word}, and no folder of that name`, word, [...names, ...bare], list);
    }
    if (others.length > 0) throw new UsageError(`${word} may be ${candidates.join(" or ")}`, { hint: "name it in full" });
    return only;
  });
}

function pulledBy(named: ReadonlySet<string>, services: ReadonlyMap<string, ServiceDecl>): ReadonlySet<string> {
  const pulled = new Set(named);
  // a set goes on to what is added while it is walked through
  for (const name of pulled) {
    const decl = services.get(name);
    for (const { service } of [...(decl?.requires ?? []), ...(decl?.wants ?? [])]) pulled.add(service);
  }
  return pulled;
}
