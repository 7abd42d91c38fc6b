import { accessSync, chmodSync, constants, lstatSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { makeFolderNow } from "../lib/make-folder.ts";
import { SocketError } from "./errors.ts";

/** Of root's daemons; everybody may enter it. */
export const ROOT_FOLDER = "/run/rind";

/**
 * Where this user's daemons have their sockets and register; it need not exist. `uid` is that of this process. In a container whose file system can
 * only be read, root has it where it can be: below the folder for temporary files.
 */
export function runtimeFolder(env: NodeJS.ProcessEnv, uid: number): string {
  return userRuntimeFolder(env, uid) ?? (uid === 0 && isWritable(ROOT_FOLDER) ? ROOT_FOLDER : join(tmpdir(), `rind-${uid}`));
}

/**
 * Rind's folder in XDG_RUNTIME_DIR; undefined: there is none. One of another user is none, also for root, who has it from `su`: whom it belongs to
 * could put there what he likes, in the place of a daemon of root's.
 */
export function userRuntimeFolder(env: NodeJS.ProcessEnv, uid: number): string | undefined {
  const xdg = env["XDG_RUNTIME_DIR"];
  // The XDG base directory specification: a path that is not absolute is to be ignored.
  if (xdg === undefined || !isAbsolute(xdg)) return undefined;
  const owner = statSync(xdg, { throwIfNoEntry: false })?.uid;
  return owner === undefined || owner === uid || owner === ROOT ? join(xdg, "rind") : undefined;
}

const ROOT = 0;

/** Whether it, or the nearest folder above that is there, can be written to. */
function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return isMissing && folder !== "/" && isWritable(dirname(folder));
  }
}

/** Whether `folder` is one that nobody else can have put things into: below /tmp anybody could have made it first. */
export function isOwnFolder(folder: string, uid: number): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o022) === 0;
}

/**
 * Makes the runtime folder. That of root's daemons may be entered by everybody (0755), as services that run as another user send to
 * their notify sockets in it; any other is for its owner alone (0700). Throws a `SocketError` where it exists and is not ours alone.
 */
export function makeRuntimeFolder(folder: string, uid: number): void {
  try {
    makeFolderNow(folder, 0o700);
    // the mode of mkdir is cut by the umask
    if (folder === ROOT_FOLDER && isOwnFolder(folder, uid)) chmodSync(folder, 0o755);
  } catch (cause) {
    throw new SocketError(`cannot make the runtime folder ${folder}`, { hint: "set XDG_RUNTIME_DIR to a folder of yours", cause });
  }
  checkRuntimeFolder(folder, uid);
}

/** Throws a `SocketError` where it is not ours alone: who can put another socket in the place of ours gets what is meant for us. */
export function checkRuntimeFolder(folder: string, uid: number): void {
  if (isOwnFolder(folder, uid)) return;
  throw new SocketError(`the runtime folder ${folder} belongs to another user, or others may write to it`, {
    hint: `remove it, make it yours with mode 0700, or set XDG_RUNTIME_DIR to a folder of yours`,
  });
}
