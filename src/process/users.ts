import { readFileSync } from "node:fs";

/**
 * Who the users and groups of this system are: what /etc/passwd and /etc/group say, read anew at each question, see passwd(5) and group(5).
 *
 * Nothing else is asked (no NSS: no LDAP, no systemd-userdb), as in busybox and musl, so that it is answered at once and also where nothing runs yet.
 * A file that cannot be read knows nobody; a line that is damaged is as if it were not there. Of two with the same name the first counts.
 */
export interface UserEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** As initgroups(3) sets them: the user's own group first, then each that lists the user. */
  readonly groups: readonly number[];
  readonly home: string;
  readonly shell: string;
}

export interface GroupEntry {
  readonly name: string;
  readonly gid: number;
}

/** The largest number means "leave it as it is" to the kernel and is nobody's, see setuid(2) and chown(2). */
const NOBODYS = 2 ** 32 - 1;

/** A user by name or, where nobody has that name, by number. `folder`: where the two files are, for tests. */
export function lookUpUser(nameOrUid: string, folder = "/etc"): UserEntry | undefined {
  const users = readLines(`${folder}/passwd`).flatMap(parseUser);
  const found = users.find(({ name }) => name === nameOrUid) ?? users.find(({ uid }) => uid === parseId(nameOrUid));
  if (found === undefined) return undefined;
  const others = readGroups(folder).flatMap(({ gid, members }) => (members.includes(found.name) ? [gid] : []));
  return { ...found, groups: [...new Set([found.gid, ...others])] };
}

/** A group by name or, where none has that name, by number. `folder`: where the file is, for tests. */
export function lookUpGroup(nameOrGid: string, folder = "/etc"): GroupEntry | undefined {
  const groups = readGroups(folder);
  const found = groups.find(({ name }) => name === nameOrGid) ?? groups.find(({ gid }) => gid === parseId(nameOrGid));
  return found === undefined ? undefined : { name: found.name, gid: found.gid };
}

function parseUser(line: string): readonly Omit<UserEntry, "groups">[] {
  const [name = "", , uidText = "", gidText = "", , home, shell] = line.split(":");
  const [uid, gid] = [parseId(uidText), parseId(gidText)];
  if (name === "" || uid === undefined || gid === undefined || home === undefined || shell === undefined) return [];
  // What passwd(5) and login(1) take for an empty field.
  return [{ name, uid, gid, home: home === "" ? "/" : home, shell: shell === "" ? "/bin/sh" : shell }];
}

function readGroups(folder: string): readonly (GroupEntry & { readonly members: readonly string[] })[] {
  return readLines(`${folder}/group`).flatMap((line) => {
    const [name = "", , gidText = "", members] = line.split(":");
    const gid = parseId(gidText);
    if (name === "" || gid === undefined || members === undefined) return [];
    return [{ name, gid, members: members.split(",").map((member) => member.trim()) }];
  });
}

/** The number that this text is, if it can be that of a user or group. */
export function parseId(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) < NOBODYS ? Number(text) : undefined;
}

function readLines(path: string): readonly string[] {
  try {
    return readFileSync(path, "utf8").split(/\r?\n/);
  } catch {
    return [];
  }
}
