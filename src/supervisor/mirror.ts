/**
 * The states and signals of the system in the daemon of a user (SPEC 6.9). What is imported is a copy that follows: nobody here sets or declares it,
 * nothing of it is stored, and each change of it is a transaction of this daemon whose cause says that it is the system's.
 *
 * The names that are imported are always those that the system has now: where they change, the units of this daemon are judged anew with
 * them. Where they cannot be (one is declared here now), the old names stay, those that mean the same go on, and `rind@degraded` says so.
 */
import type { SharedChange, SharedNews } from "../control/api.ts";
import { formatDiagnostic } from "../errors/unit-error.ts";
import { equalJson } from "../flow/payload.ts";
import type { Turns } from "../lib/turns.ts";
import type { Change, Write } from "../model/change.ts";
import type { Json } from "../model/json.ts";
import type { ImportDecl } from "../model/unit-set.ts";
import { degrade, recover } from "./degraded.ts";
import { exchangeUnits } from "./reload.ts";
import type { Supervisor } from "./supervisor.ts";
import type { UnitSource } from "./unit-source.ts";

export type AllShared = SharedNews & { readonly kind: "all" };

/** The branch of `rind@degraded` that says that the names of the system do not go together with the units here. */
const ITEM = "system-names";

/** What the daemon of a user imports of what the system's says. */
export function importsOf({ states, signals }: AllShared): readonly ImportDecl[] {
  return [
    ...states.map(({ name, payload, identity }): ImportDecl => ({ kind: "state", name, payload, identity })),
    ...signals.map(({ name, payload }): ImportDecl => ({ kind: "signal", name, payload, identity: [] })),
  ];
}

/** The branches of imported states, as a flow boots on them. */
export function branchesOf({ states }: AllShared): readonly Write[] {
  return states.flatMap(({ name, branches }) => branches.map(({ key, payload }) => ({ state: name, key, payload })));
}

export interface MirrorOptions {
  readonly units: UnitSource;
  /** Those of all changes of the units. */
  readonly unitChanges: Turns;
  /** What is imported at first. */
  readonly imports: readonly ImportDecl[];
  /** Asks for everything anew: units are in force here that import what was left out before. */
  readonly again: () => void;
}

export class Mirror {
  readonly #supervisor: Supervisor;
  readonly #options: MirrorOptions;
  /** As the system has it. */
  #names: ReadonlyMap<string, ImportDecl>;
  readonly #close: () => void;

  constructor(supervisor: Supervisor, options: MirrorOptions) {
    this.#supervisor = supervisor;
    this.#options = options;
    this.#names = byName(options.imports);
    this.#close = supervisor.onReplace(() => this.#replaced());
  }

  /** Resolves when the daemon is as the news say. To be called for one after the other. */
  async take(news: SharedNews): Promise<void> {
    if (news.kind === "all") await this.#takeAll(news);
    else
      await this.#step(
        `system: ${news.what}`,
        news.changes.flatMap((change) => this.#changeOf(change)),
      );
  }

  close(): void {
    this.#close();
  }

  async #takeAll(all: AllShared): Promise<void> {
    const imports = importsOf(all);
    this.#names = byName(imports);
    if (this.#isInForce() || !(await this.#options.unitChanges.take(() => this.#exchange(imports, all)))) {
      await this.#step("system: how its states are now", this.#differences(all));
    }
  }

  /** False: the units here do not go together with these names. */
  async #exchange(imports: readonly ImportDecl[], all: AllShared): Promise<boolean> {
    const supervisor = this.#supervisor;
    const what = "system: it has other states and signals";
    const { units, program, diagnostics, inForce } = await this.#options.units.loadImporting(imports);
    if (units === undefined || program === undefined) {
      const errors = diagnostics.filter(({ severity }) => severity === "error").map(formatDiagnostic);
      await degrade(supervisor, ITEM, errors.join("\n"), what);
      return false;
    }
    await exchangeUnits(supervisor, units, program, { what, anew: [], mirrored: branchesOf(all), then: () => {} });
    await inForce();
    return true;
  }

  /** Units were exchanged by whomever: those that go together with the names of the system import what was left out before. */
  #replaced(): void {
    if (!this.#supervisor.flow.branches("rind@degraded").has(ITEM) || !this.#isInForce()) return;
    this.#options.again();
    void recover(this.#supervisor, ITEM, "the units go together with the names of the system again");
  }

  #isInForce(): boolean {
    const { imports } = this.#supervisor.index.units;
    return imports.length === this.#names.size && imports.every((decl) => isSame(decl, this.#names.get(decl.name)));
  }

  /** Whether a name means here what it means there. */
  #isKnown(kind: ImportDecl["kind"], name: string): boolean {
    const { states, signals } = this.#supervisor.index.program;
    const plan = kind === "state" ? states.get(name) : signals.get(name);
    const identity = kind === "state" ? (states.get(name)?.identity ?? []) : [];
    return plan?.imported === true && isSame({ kind, name, payload: plan.kind, identity }, this.#names.get(name));
  }

  #changeOf(change: SharedChange): Change[] {
    const { kind, name } = change;
    if (!this.#isKnown(kind, name)) return [];
    if (change.kind === "signal") return [{ op: "emit", signal: name, payload: change.payload }];
    return [{ op: "mirror", state: name, key: change.key, payload: change.payload }];
  }

  /** What went comes first. */
  #differences(all: AllShared): readonly Change[] {
    const here = new Map<string, Map<string, Json>>();
    for (const { state, key, payload } of this.#supervisor.flow.mirrored()) {
      const branches = here.get(state) ?? new Map<string, Json>();
      here.set(state, branches);
      if (payload !== undefined) branches.set(key, payload);
    }
    const there = branchesOf(all).filter(({ state }) => this.#isKnown("state", state));
    const changed = there.filter(({ state, key, payload }) => !equalJson(here.get(state)?.get(key), payload));
    for (const { state, key } of there) here.get(state)?.delete(key);
    const gone = [...here].flatMap(([state, branches]) => [...branches.keys()].map((key) => ({ state, key, payload: undefined })));
    return [...gone, ...changed].map((write) => ({ op: "mirror", ...write }));
  }

  async #step(what: string, changes: readonly Change[]): Promise<void> {
    if (changes.length === 0) return;
    await this.#supervisor.transact(what, (cause) =>
      this.#supervisor.apply(
        changes,
        changes.map(() => cause),
      ),
    );
  }
}

function byName(imports: readonly ImportDecl[]): ReadonlyMap<string, ImportDecl> {
  return new Map(imports.map((decl) => [decl.name, decl]));
}

function isSame(a: ImportDecl, b: ImportDecl | undefined): boolean {
  return a.kind === b?.kind && a.name === b.name && a.payload === b.payload && a.identity.join("\n") === b.identity.join("\n");
}
