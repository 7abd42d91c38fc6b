import type { ServiceDecl } from "../../model/unit-set.ts";
import { pairs } from "./order-lists.ts";

/** A service that conflicts with another. `pairs`: only instances of one key do. */
export interface Rival {
  readonly service: string;
  readonly pairs: boolean;
}

/** An instance by its service and key. */
export interface Place {
  readonly service: string;
  readonly key: string;
}

const NOBODY: readonly Rival[] = [];

/**
 * Who conflicts with whom, and who of them runs or has been let start (SPEC 6.2). A claim is made in the moment in which a start is
 * let through, so of two that are to start at once the one that is asked first has it; it ends when the instance has no process and
 * none is coming by itself.
 *
 * Invariant: of two rivals at most one has a claim, unless both had one when they became rivals.
 */
export class Rivals {
  readonly #of: ReadonlyMap<string, readonly Rival[]>;
  readonly #ranks: ReadonlyMap<string, number>;
  readonly #claims = new Map<string, Set<string>>();

  /** `services` in the order of declaration. `claiming`: the keys of a service that run already. */
  constructor(services: readonly ServiceDecl[], claiming: (service: string) => Iterable<string>) {
    this.#of = rivalsOf(services);
    this.#ranks = this.#of.size === 0 ? new Map() : new Map(services.map(({ name }, rank) => [name, rank]));
    for (const service of this.#of.keys()) for (const key of claiming(service)) this.claim({ service, key });
  }

  get none(): boolean {
    return this.#of.size === 0;
  }

  /** Its place in the order of declaration. */
  rank(service: string): number {
    return this.#ranks.get(service) ?? 0;
  }

  of(service: string): readonly Rival[] {
    return this.#of.get(service) ?? NOBODY;
  }

  /** Those who keep this instance from starting. */
  inTheWay({ service, key }: Place): readonly Place[] {
    return this.of(service).flatMap(({ service: other, pairs: paired }) => {
      const claims = this.#claims.get(other);
      if (claims === undefined) return [];
      return [...(paired ? (claims.has(key) ? [key] : []) : claims)].map((held) => ({ service: other, key: held }));
    });
  }

  claim({ service, key }: Place): void {
    if (!this.#of.has(service)) return;
    const claims = this.#claims.get(service);
    if (claims === undefined) this.#claims.set(service, new Set([key]));
    else claims.add(key);
  }

  /** True where there was a claim: who waits for its end must judge anew. */
  release({ service, key }: Place): boolean {
    return this.#claims.get(service)?.delete(key) ?? false;
  }

  /** Of each two rivals that both run, the one declared later. Only new units can bring that about. */
  clashes(): readonly Place[] {
    return [...this.#claims].flatMap(([service, keys]) =>
      [...keys]
        .map((key): Place => ({ service, key }))
        .filter((place) => this.inTheWay(place).some((other) => this.rank(other.service) < this.rank(service))),
    );
  }
}

/** Both ways, whoever says it. */
function rivalsOf(services: readonly ServiceDecl[]): ReadonlyMap<string, readonly Rival[]> {
  const rivals = new Map<string, Map<string, Rival>>();
  const byName = new Map(services.map((decl) => [decl.name, decl]));
  const note = (from: string, to: string, paired: boolean): void => {
    const known = rivals.get(from);
    if (known === undefined) rivals.set(from, new Map([[to, { service: to, pairs: paired }]]));
    else known.set(to, { service: to, pairs: paired });
  };
  for (const decl of services) {
    for (const name of decl.conflicts) {
      const other = byName.get(name);
      if (other === undefined || other === decl) continue;
      const paired = pairs(decl, other.branching?.key);
      note(decl.name, name, paired);
      note(name, decl.name, paired);
    }
  }
  return new Map([...rivals].map(([service, known]) => [service, [...known.values()]]));
}
