/**
 * What the names of states and signals mean, and which of them are implied: used, but declared nowhere. Because a name may be used before
 * the key that tells its kind, items are resolved a second time where that happens. The first pass gathers uses; after `settle()` the
 * second finds every name, and warns of each implied one where it is first used.
 */
import { describeAmbiguous, inGroup, type Names } from "./names.ts";
import type { Path, Report } from "./problem.ts";

/** `either`: the place takes both, such as a condition that is a bare text. */
export type Wanted = "state" | "signal" | "either";

export interface FactName {
  readonly kind: "state" | "signal";
  readonly name: string;
}

/** Where a name is written. */
export interface Site {
  readonly group: string;
  readonly report: Report;
  readonly path: Path;
}

interface Use {
  asState: boolean;
  asSignal: boolean;
  /** Keys of services whose instances the branches of this state make. */
  readonly keys: Set<string>;
}

export class Facts {
  readonly #names: Names;
  readonly #uses = new Map<string, Use>();
  readonly #pathsOrStates: { readonly whole: string; readonly state: string; readonly isDeclared: boolean }[] = [];
  readonly #warned = new Set<string>();
  #settled = false;

  constructor(names: Names) {
    this.#names = names;
  }

  /**
   * The first pass is over. Names that could be a state `A@B` as well as path `B` of a state `A` are decided now. False: every name was
   * declared, so that the first pass has found all there is to find.
   */
  settle(): boolean {
    this.#settled = true;
    const used = new Set(this.#uses.keys());
    for (const { whole, state, isDeclared } of this.#pathsOrStates) {
      if (!used.has(whole) && !isDeclared) this.#use(state, "state");
    }
    return this.#uses.size > 0 || this.#pathsOrStates.length > 0;
  }

  /** undefined: an error was reported. */
  refer(reference: string, wanted: Wanted, site: Site): FactName | undefined {
    const declared = this.#declared(reference, wanted, site);
    if (declared !== "none") return declared;
    const name = inGroup(reference, site.group);
    if (!this.#settled) this.#use(name, wanted);
    return this.#implied(name, reference, wanted, site);
  }

  /** As `refer`, for the source of a branching service. */
  referSource(reference: string, key: string, site: Site): string | undefined {
    const found = this.refer(reference, "state", site);
    if (found === undefined) return undefined;
    const keys = this.#uses.get(found.name)?.keys.add(key);
    if (keys !== undefined && keys.size > 1 && !this.#names.isOmitted("state", found.name)) {
      const all = [...keys].map((each) => `"${each}"`).join(" and ");
      site.report.error(
        site.path,
        `state "${found.name}" is declared nowhere, and services branch on its fields ${all}`,
        `declare it, with branch = [...]`,
      );
    }
    return found.name;
  }

  /**
   * Of a reference `state:A@B`: whether `A@B` is a state; else `B` is a path in the state `A`. undefined: the first pass cannot tell yet,
   * and a second will come.
   */
  isState(whole: string, state: string, site: Site): boolean | undefined {
    if (this.#names.has("state", whole)) return true;
    if (this.#settled) return this.#uses.has(whole);
    this.#pathsOrStates.push({
      whole,
      state: inGroup(state, site.group),
      isDeclared: this.#names.find(["state"], state, site.group).kind !== "none",
    });
    return undefined;
  }

  /** The names that are declared by use alone; `key`: the state is json, told apart by this field. */
  implied(): readonly (FactName & { readonly key: string | undefined })[] {
    return [...this.#uses].map(([name, use]) => ({ kind: use.asSignal ? "signal" : "state", name, key: [...use.keys][0] }));
  }

  #declared(reference: string, wanted: Wanted, { group, report, path }: Site): FactName | undefined | "none" {
    const found = this.#names.find(wanted === "either" ? ["state", "signal"] : [wanted], reference, group);
    if (found.kind === "one") {
      const kind = found.of === "signal" ? "signal" : "state";
      if (this.#names.isOmitted(kind, found.name)) this.#use(found.name, kind);
      return { kind, name: found.name };
    }
    if (found.kind === "many") {
      const { message, hint } = describeAmbiguous(reference, found.names);
      report.error(path, message, hint);
      return undefined;
    }
    const other = wanted === "state" ? "signal" : "state";
    if (wanted === "either" || this.#names.find([other], reference, group).kind !== "one") return "none";
    report.error(path, `"${reference}" is a ${other}, and this place takes a ${wanted}`);
    return undefined;
  }

  #use(name: string, wanted: Wanted): void {
    const use = this.#uses.get(name) ?? { asState: false, asSignal: false, keys: new Set() };
    if (wanted === "state") use.asState = true;
    if (wanted === "signal") use.asSignal = true;
    this.#uses.set(name, use);
  }

  #implied(name: string, reference: string, wanted: Wanted, { group, report, path }: Site): FactName | undefined {
    const use = this.#uses.get(name);
    const kind = use?.asSignal === true ? "signal" : "state";
    if (!this.#settled) return { kind, name };
    if (use?.asState === true && use.asSignal && wanted === "state") {
      report.error(path, `"${name}" is declared nowhere, and used as a state here and as a signal elsewhere`, "declare it");
      return undefined;
    }
    if (!this.#warned.has(name) && !this.#names.mayBeUnread(reference)) {
      this.#warned.add(name);
      const nearest = this.#names.nearest(["state", "signal"], reference, group);
      const why = this.#names.isLeftOut(name) ? "is switched off (enabled = false)" : "is declared nowhere";
      report.warning(
        path,
        `${kind} "${name}" ${why}, so it is implied`,
        nearest === undefined ? `declare it with [[${kind}]]` : `did you mean "${nearest}"?`,
      );
    }
    return { kind, name };
  }
}
