import { asksForUser } from "../flow/demand/listening.ts";
import { isDown } from "../model/phase.ts";
import type { ServiceDecl } from "../model/unit-set.ts";
import type { UserEntry } from "../process/users.ts";
import type { Instance, SettledUser } from "./instance.ts";
import { ownBranch, userView } from "./instance-view.ts";
import { type Accounts, type NamedUser, namedUser, type RunUser, runUser } from "./run-user.ts";
import type { UserFolders } from "./user-folders.ts";
import type { InstanceUsers, World } from "./world.ts";

/**
 * As whom instances run (SPEC 6.9): found out at each start, and kept over the restarts of that run, whatever the states say meanwhile.
 */
export class Users implements InstanceUsers {
  readonly #world: World;
  readonly #accounts: Accounts;
  readonly #folders: UserFolders;

  constructor(world: World, accounts: Accounts, folders: UserFolders) {
    this.#world = world;
    this.#accounts = accounts;
    this.#folders = folders;
  }

  get daemonUid(): number {
    return this.#accounts.own.uid;
  }

  /** A user of the system; undefined: there is none of that name or number. */
  named(nameOrUid: string): UserEntry | undefined {
    return this.#accounts.user(nameOrUid);
  }

  waitsFor(decl: ServiceDecl, key: string, instance: Instance | undefined): string | undefined {
    if (!asksForUser(decl) || (instance !== undefined && keptName(decl, instance) !== undefined)) return undefined;
    const named = this.#named(decl, key, undefined);
    return named.kind === "waits" ? named.why : undefined;
  }

  forget(instance: Instance): void {
    const { decl, key } = instance;
    const isOpen = this.#named(decl, key, instance).kind === "waits";
    if (!isOpen || keptName(decl, instance) === undefined) instance.user = undefined;
  }

  atLaunch(instance: Instance): RunUser {
    const { decl, key } = instance;
    const name = keptName(decl, instance);
    const named: NamedUser = name === undefined ? this.#named(decl, key, instance) : { kind: "named", name, byUnit: false };
    return runUser(named, decl.run.group, this.#accounts);
  }

  of(instance: Instance): RunUser {
    return instance.user ?? this.atLaunch(instance);
  }

  /** As whom an instance would run that is not there yet, or is down. */
  would(decl: ServiceDecl, key: string): RunUser {
    return runUser(this.#named(decl, key, undefined), decl.run.group, this.#accounts);
  }

  folderFor(settled: SettledUser): string | undefined {
    return settled.kind === "user" && settled.identity !== undefined ? this.#folders.of(settled.user) : undefined;
  }

  #named(decl: ServiceDecl, key: string, instance: Instance | undefined): NamedUser {
    const { flow } = this.#world;
    const branch = asksForUser(decl) ? (ownBranch(decl, key, flow) ?? instance?.ownBranch) : undefined;
    return namedUser(decl, userView(decl, key, branch, this.#world));
  }
}

/** The name that a run keeps while it is restarted. One that is over, or only ends, leaves nothing to the next; nor does one of other units. */
function keptName(decl: ServiceDecl, { user, phase, context, launchedWith }: Instance): string | undefined {
  const isOver = isDown(phase) || (phase === "stopping" && context.then === "rest");
  if (user?.kind !== "user" || isOver || !asksForUser(decl)) return undefined;
  return launchedWith === undefined || wishOf(launchedWith.decl) === wishOf(decl) ? user.user.name : undefined;
}

function wishOf({ run, space, userSource }: ServiceDecl): string {
  return JSON.stringify([run.user, space, userSource]);
}
