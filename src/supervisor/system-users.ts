import { makeUserFolder, removeUserFolder } from "../process/user-folder.ts";
import { lookUpGroup, lookUpUser } from "../process/users.ts";
import { isRunning, knownProcess, watchEnd } from "../process/watch-end.ts";
import type { Accounts } from "./run-user.ts";
import type { Leaders } from "./sessions.ts";
import type { FolderMaker } from "./user-folders.ts";

/** The users of the system, and what is done for them; tests have some on paper. */
export interface UserSide extends Accounts {
  /** undefined: this daemon can make no folders for others. */
  readonly maker: FolderMaker | undefined;
  readonly leaders: Leaders;
}

/** As this process sees them now. */
export function systemUsers(): UserSide {
  const uid = process.getuid?.() ?? 0;
  return {
    own: { uid, gid: process.getgid?.() ?? 0, groups: process.getgroups?.() ?? [] },
    user: (nameOrUid) => lookUpUser(nameOrUid),
    group: (nameOrGid) => lookUpGroup(nameOrGid),
    leaders: { find: knownProcess, isRunning, watch: watchEnd },
    maker: uid === 0 ? { make: (user) => makeUserFolder(user), remove: (gone) => removeUserFolder(gone) } : undefined,
  };
}
