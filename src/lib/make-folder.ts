import { mkdirSync, statSync } from "node:fs";
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder and those above it that are missing. In place of node's own way (`recursive`), which where a file system takes no folder and says
 * ENOENT (/proc, /sys) tries for ever, in a thread that the process cannot end without. Rejects as `mkdir` does.
 */
export async function makeFolder(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const above = dirname(path);
    if (code === "ENOENT" && above !== path && !(await isFolder(above))) {
      await makeFolder(above, mode);
      // once more, and then what is refused is refused
      await mkdir(path, { mode }).catch((again: unknown) => unlessThere(path, again));
    } else await unlessThere(path, error);
  }
}

/** The same at once: for a start, where nothing else is to be done meanwhile. */
export function makeFolderNow(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const above = dirname(path);
    if (code === "ENOENT" && above !== path && !isFolderNow(above)) {
      makeFolderNow(above, mode);
      makeFolderNow(path, mode);
    } else if (!isFolderNow(path)) throw error;
  }
}

/** A file system that cannot be written says so also of what is there. */
async function unlessThere(path: string, error: unknown): Promise<void> {
  if (!(await isFolder(path))) throw error;
}

function isFolderNow(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
