import { USER_SESSIONS } from "../flow/demand/listening.ts";
import { ownField } from "../flow/payload.ts";
import type { Fact, PhaseFact } from "../model/fact.ts";
import { isDown } from "../model/phase.ts";
import type { Store } from "../persist/store.ts";
import type { UserFolder } from "../process/user-folder.ts";
import type { UserEntry } from "../process/users.ts";
import { entriesOf } from "./durable.ts";
import type { Instance } from "./instance.ts";
import type { InstanceObserver, Instances } from "./instances.ts";
import type { World } from "./world.ts";

/** How runtime folders are made and removed. */
export interface FolderMaker {
  make(user: UserEntry): UserFolder;
  /** Answers why it is still there; undefined: it is gone. */
  remove(uid: number): Promise<string | undefined>;
}

/** What they need beside the world. */
export interface UserFolderSide {
  /** undefined: this daemon can make no folders for others. */
  readonly maker: FolderMaker | undefined;
  readonly store: Store;
  readonly bootId: string;
  readonly instances: () => Instances;
}

/**
 * The runtime folders of users (XDG_RUNTIME_DIR): each is made when the first session or process of its user needs it, and goes with the last of them,
 * if it was this daemon, or the one before it, that has made it.
 */
export class UserFolders implements InstanceObserver {
  readonly #world: World;
  readonly #side: UserFolderSide;
  /** Users whose folder Rind has made, by uid. */
  readonly #made = new Map<number, string>();
  readonly #removals = new Set<Promise<void>>();

  constructor(world: World, side: UserFolderSide) {
    this.#world = world;
    this.#side = side;
    for (const [uid, value] of entriesOf(side.store, "user-folder")) {
      const user = ownField(value, "user");
      if (typeof user === "string" && ownField(value, "boot") === side.bootId) this.#made.set(Number(uid), user);
    }
  }

  /** The folder of this user, made if need be; undefined: there can be none, which is logged. */
  of(user: UserEntry): string | undefined {
    const made = this.#side.maker?.make(user);
    if (made === undefined) return undefined;
    if ("failure" in made) {
      this.#world.log.warn({ user: user.name, reason: made.failure }, "a user has no runtime folder (XDG_RUNTIME_DIR)");
      return undefined;
    }
    if (made.isNew) {
      this.#made.set(user.uid, user.name);
      this.#keep(user.uid, { boot: this.#side.bootId, user: user.name });
    }
    return made.path;
  }

  phase({ user }: Instance, { to }: Fact & PhaseFact): void {
    if (isDown(to) && user?.kind === "user") this.#release(user.user.uid);
  }

  /** A session has ended, or one before this daemon: folders that nobody needs any more go. */
  releaseUnused(): void {
    for (const uid of this.#made.keys()) this.#release(uid);
  }

  /** Resolves when what is being removed is gone. */
  async settled(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #release(uid: number): void {
    const name = this.#made.get(uid);
    const { maker, instances } = this.#side;
    if (name === undefined || maker === undefined || this.#hasSession(name, uid)) return;
    for (const { user, phase } of instances().all()) if (user?.kind === "user" && user.user.uid === uid && !isDown(phase)) return;
    this.#made.delete(uid);
    this.#keep(uid, undefined);
    const removal = maker.remove(uid).then((why) => {
      this.#removals.delete(removal);
      if (why !== undefined) this.#world.log.warn({ user: name, reason: why }, "the runtime folder of a user could not be removed");
    });
    this.#removals.add(removal);
  }

  /** Of whom it was made for, or of another who bears the same number. */
  #hasSession(name: string, uid: number): boolean {
    const sessions = [...this.#world.flow.branches(USER_SESSIONS).values()];
    return sessions.some((session) => ownField(session, "username") === name || ownField(session, "uid") === uid);
  }

  #keep(uid: number, value: { readonly boot: string; readonly user: string } | undefined): void {
    this.#side.store.append([{ key: `user-folder ${uid}`, value }]);
  }
}
