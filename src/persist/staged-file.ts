import { readdirSync, rmSync } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { RindError } from "../errors/rind-error.ts";
import { makeFolder } from "../lib/make-folder.ts";
import { syncFolder } from "./disk.ts";

/** The disk does not take a file. What was there before still is. */
class FileNotWrittenError extends RindError {
  override readonly code = "RIND_FILE_NOT_WRITTEN";

  constructor(path: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(`${path} cannot be written (${why})`, { cause, hint: "make room or repair the disk, then try again: nothing has changed" });
  }
}

/** A file whose content is on disk under another name, beside the one that it is to replace. */
export interface StagedFile {
  /** Takes the place of the file in one step that outlives a crash. */
  commit(): Promise<void>;
  /** Nothing is left of it. */
  discard(): Promise<void>;
}

/** Names that begin with a dot are read by nobody for unit files. */
const NEW = ".new-";
const OLD = ".old-";

/**
 * Writes `text` (mode 0600: an environment may hold secrets) beside `path`; its folder is made where it is missing. All that can fail
 * is done here, as far as that can be known. Throws a `FileNotWrittenError`.
 */
export async function stageFile(path: string, text: string): Promise<StagedFile> {
  const fresh = join(dirname(path), `${NEW}${process.pid}-${basename(path)}`);
  const discard = (): Promise<void> => rm(fresh, { force: true });
  try {
    await makeFolder(dirname(path), 0o700);
    if (await isFolder(path)) throw new Error("it is a folder");
    const file = await open(fresh, "w", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard().catch(() => {});
    throw new FileNotWrittenError(path, error);
  }
  return {
    discard,
    commit: async () => {
      try {
        await rename(fresh, path);
        await syncFolder(path);
      } catch (error) {
        await discard().catch(() => {});
        throw new FileNotWrittenError(path, error);
      }
    },
  };
}

/** Files that are no longer seen under their names, and are still on disk. */
export interface StagedRemoval {
  commit(): Promise<void>;
  /** They are as before. */
  restore(): Promise<void>;
}

/** Takes files away, all of them or none; those that are not there are away already. Throws a `FileNotWrittenError`. */
export async function stageRemoval(paths: readonly string[]): Promise<StagedRemoval> {
  const moved: { readonly path: string; readonly aside: string }[] = [];
  const restore = async (): Promise<void> => {
    for (const { path, aside } of moved) await rename(aside, path);
  };
  for (const path of paths) {
    const aside = join(dirname(path), `${OLD}${process.pid}-${basename(path)}`);
    try {
      await rename(path, aside);
      moved.push({ path, aside });
      await syncFolder(path);
    } catch (error) {
      if (isMissing(error)) continue;
      await restore();
      throw new FileNotWrittenError(path, error);
    }
  }
  return {
    restore,
    commit: async () => {
      for (const { aside } of moved) await rm(aside, { force: true });
    },
  };
}

/** Takes away what a daemon that died in the middle has left. */
export function clearStaged(folder: string): void {
  for (const name of namesIn(folder)) if (name.startsWith(NEW) || name.startsWith(OLD)) rmSync(join(folder, name), { force: true });
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
