import { LOGIN_PERMISSION } from "../flow/built-ins.ts";
import { splitInstance, WHOLE } from "../model/name.ts";
import type { Right, ServiceDecl } from "../model/unit-set.ts";
import { type AccountNumbers, type Claimant, hasOneOf } from "./rights.ts";
import { runnerOf } from "./runner.ts";
import { isSettableBuiltIn } from "./settable.ts";
import type { Supervisor } from "./supervisor.ts";

/** To open and close sessions of users. */
const LOGIN: Right = { kind: "permission", name: LOGIN_PERMISSION };

/**
 * What one client that is neither root nor the daemon's own user has a right to (SPEC 12), by the units and accounts of this moment: a reload that
 * takes a right away takes it from who is connected too. What is declared nowhere any more is seen by nobody: it may have been restricted.
 */
export class CallerRights {
  readonly #supervisor: Supervisor;
  readonly #claimant: Claimant;
  readonly #accounts: AccountNumbers;

  constructor(supervisor: Supervisor, claimant: Claimant, accounts: AccountNumbers) {
    this.#supervisor = supervisor;
    this.#claimant = claimant;
    this.#accounts = accounts;
  }

  /** For people. */
  get who(): string {
    return `uid ${this.#claimant.uid}`;
  }

  has(rights: readonly Right[]): boolean {
    return hasOneOf(rights, this.#claimant, { permissions: this.#supervisor.index.permissions, accounts: this.#accounts });
  }

  /** The payloads of a state. */
  maySeeState(name: string): boolean {
    return this.#supervisor.index.program.states.has(name) && this.#isOpen(this.#supervisor.index.states.get(name)?.permissions);
  }

  /** What a signal carries. */
  maySeeSignal(name: string): boolean {
    return this.#supervisor.index.program.signals.has(name) && this.#isOpen(this.#supervisor.index.signals.get(name)?.permissions);
  }

  /** Who may set a state beside root. */
  settersOf(state: string): readonly Right[] {
    const own = this.#supervisor.index.states.get(state)?.permissions ?? [];
    return isSettableBuiltIn(state) ? [...own, LOGIN] : own;
  }

  emittersOf(signal: string): readonly Right[] {
    return this.#supervisor.index.signals.get(signal)?.permissions ?? [];
  }

  /** To start, stop, restart, reload and kill it, and to see what else is its own: its output, its settings, what it says of itself. */
  mayControl(decl: ServiceDecl, key: string): boolean {
    return this.has(decl.managedBy) || this.#isRunner(decl, key);
  }

  /** By the name of a service or an instance; of one that there is no more: false. */
  mayControlNamed(name: string): boolean {
    const { service, key } = splitInstance(name);
    const decl = this.#supervisor.index.services.get(service);
    return decl !== undefined && this.mayControl(decl, key);
  }

  /**
   * From which line on it may read what an instance prints; undefined: not at all. An instance that ran as another user before keeps what that one's
   * processes have printed.
   */
  readsFrom(instance: string): number | undefined {
    const { service, key } = splitInstance(instance);
    const decl = this.#supervisor.index.services.get(service);
    if (decl === undefined) return undefined;
    if (this.has(decl.managedBy)) return 0;
    const ran = this.#supervisor.instances.get(instance)?.ran;
    return ran !== undefined && this.#isRunner(decl, key) && ran.uid === this.#claimant.uid ? ran.since : undefined;
  }

  #isOpen(permissions: readonly Right[] = []): boolean {
    return permissions.length === 0 || this.has(permissions);
  }

  /** By the plain name of a branching service one is about instances of others. A service of users' is controlled by whom it runs as; one of the system's that runs as somebody (`run.user`) is not theirs. */
  #isRunner(decl: ServiceDecl, key: string): boolean {
    const named = decl.branching === undefined || key !== WHOLE;
    return named && decl.space.kind !== "system" && runnerOf(this.#supervisor, decl, key) === this.#claimant.uid;
  }
}
