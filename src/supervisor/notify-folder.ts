import { dirname } from "node:path";
import { makeRuntimeFolder, ROOT_FOLDER } from "../control/runtime-folder.ts";
import type { Identity } from "../process/launcher.ts";
import { mayEnter } from "../process/may-enter.ts";

/**
 * Where a process with this identity (undefined: the daemon's own) finds its notify socket: beside the control socket, or, where it may not go there,
 * in root's folder for all. Throws where that cannot be made.
 */
export function notifyFolder(controlSocket: string, identity: Identity | undefined): string {
  const beside = dirname(controlSocket);
  if (identity === undefined || mayEnter(beside, identity)) return beside;
  makeRuntimeFolder(ROOT_FOLDER, process.getuid?.() ?? 0);
  return ROOT_FOLDER;
}
