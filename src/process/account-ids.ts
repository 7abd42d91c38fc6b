import { statSync } from "node:fs";
import { lookUpGroup, lookUpUser, parseId } from "./users.ts";

/**
 * Numbers of users and groups by their names. What was found is remembered for as long as /etc/passwd and /etc/group stay as they are: it is asked
 * for each thing that a client without all rights wants to see. A name that is a number stands for itself where nobody bears it.
 */
export class AccountIds {
  readonly #folder: string;
  readonly #uids = new Map<string, number | undefined>();
  readonly #gids = new Map<string, number | undefined>();
  #stamp = "";

  /** `folder`: where the two files are. */
  constructor(folder = "/etc") {
    this.#folder = folder;
  }

  uidOf(user: string): number | undefined {
    return this.#remembered(this.#uids, user, () => lookUpUser(user, this.#folder)?.uid ?? parseId(user));
  }

  gidOf(group: string): number | undefined {
    return this.#remembered(this.#gids, group, () => lookUpGroup(group, this.#folder)?.gid ?? parseId(group));
  }

  #remembered(known: Map<string, number | undefined>, name: string, look: () => number | undefined): number | undefined {
    this.#refresh();
    if (!known.has(name)) known.set(name, look());
    return known.get(name);
  }

  #refresh(): void {
    const stamp = `${stampOf(`${this.#folder}/passwd`)} ${stampOf(`${this.#folder}/group`)}`;
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    this.#uids.clear();
    this.#gids.clear();
  }
}

/** Who changes such a file writes another in its place. */
function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.dev}:${found.ino}:${found.size}:${found.mtimeMs}`;
}
