import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
} from "node:fs";
import { type FileHandle, open, readdir, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * The runtime folder of a user, `/run/user/UID` (XDG base directory specification): the user's own, mode 0700.
 *
 * Made and removed by root in a place where only root can put things; nothing of what a user may have put there is believed: no link is followed,
 * and no other file system is entered, as a mount of the user's may show files that are not to go.
 */
const USER_FOLDERS = "/run/user";

export type UserFolder = { readonly path: string; readonly isNew: boolean } | { readonly failure: string };

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Deeper trees are left: each level holds a descriptor. */
const MAX_DEPTH = 64;

/** Where this user's folder is, whether it is there or not. */
function userFolderPath(uid: number, above = USER_FOLDERS): string {
  return join(above, String(uid));
}

/** Makes it where it is missing, and sets its owner and mode; for root. Refuses what belongs to anybody but that user and root. */
export function makeUserFolder({ uid, gid }: Owner, above = USER_FOLDERS): UserFolder {
  const path = userFolderPath(uid, above);
  try {
    makeAbove(above);
    const isNew = makeOne(path, 0o700);
    const folder = openSync(path, FOLDER);
    try {
      const found = fstatSync(folder);
      if (found.uid !== uid && found.uid !== ROOT) return { failure: `${path} belongs to uid ${found.uid}` };
      fchmodSync(folder, 0o700);
      if (found.uid !== uid || isNew) fchownSync(folder, uid, gid);
    } finally {
      closeSync(folder);
    }
    return { path, isNew };
  } catch (error) {
    return { failure: `${path} cannot be made: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Takes it away at once, and then removes all that is in it. Answers why it is still there; undefined: it is gone, or never was. */
export async function removeUserFolder(uid: number, above = USER_FOLDERS): Promise<string | undefined> {
  const path = userFolderPath(uid, above);
  const mount = mountIn(path);
  if (mount !== undefined) return `${mount} is mounted there`;
  const aside = join(above, `.${uid}.${process.pid}.${Date.now()}`);
  try {
    renameSync(path, aside);
  } catch (error) {
    return isCode(error, "ENOENT") ? undefined : String(error);
  }
  try {
    const folder = await open(aside, FOLDER);
    try {
      await empty(folder, (await folder.stat()).dev, 1);
    } finally {
      await folder.close();
    }
    await rmdir(aside);
    return undefined;
  } catch (error) {
    return `${aside} is left: ${error instanceof Error ? error.message : String(error)}`;
  }
}

const ROOT = 0;

/** Nobody but root may have put things there: on the way to a folder that is given to a user, everybody could put a link to another. */
function makeAbove(above: string): void {
  if (makeOne(above, 0o755)) {
    // the mode of mkdir is cut by the umask
    chmodSync(above, 0o755);
    return;
  }
  const found = lstatSync(above);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o022) !== 0)
    throw new Error(`${above} is no folder that only root can write to`);
}

/** Whether it was missing. */
function makeOne(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if (isCode(error, "EEXIST")) return false;
    throw error;
  }
}

/** By way of the open folder, so that nobody can put another in its place between the look and the deed. */
async function empty(folder: FileHandle, device: number, depth: number): Promise<void> {
  const inside = Buffer.from(`/proc/self/fd/${folder.fd}/`);
  for (const name of await readdir(inside, { encoding: "buffer" })) {
    const path = Buffer.concat([inside, name]);
    try {
      await unlink(path);
    } catch (error) {
      if (!isCode(error, "EISDIR") || depth === MAX_DEPTH) throw error;
      await removeBelow(path, device, depth);
    }
  }
}

async function removeBelow(path: Buffer, device: number, depth: number): Promise<void> {
  const below = await open(path, FOLDER);
  try {
    if ((await below.stat()).dev !== device) throw new Error("another file system is mounted there");
    await empty(below, device, depth + 1);
  } finally {
    await below.close();
  }
  await rmdir(path);
}

/** A mount at this folder or below; undefined: there is none. */
function mountIn(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync("/proc/self/mountinfo", "utf8");
  } catch {
    return undefined;
  }
  return text
    .split("\n")
    .map((line) => line.split(" ")[4] ?? "")
    .find((mount) => mount === path || mount.startsWith(`${path}/`));
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
