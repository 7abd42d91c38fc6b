import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder } from "../lib/make-folder.ts";

/**
 * The folder `logs-<n>` of this run of the daemon, under the smallest `n` that no run before it has taken. Made when it is first asked for,
 * so that a run that logs nothing leaves nothing behind; of two daemons at once each gets its own.
 */
export class RunFolder {
  readonly #parent: string;
  #made: Promise<string> | undefined;

  /** `parent`: absolute; made where it is missing. */
  constructor(parent: string) {
    this.#parent = parent;
  }

  /** The folder. Rejects where it cannot be made; it is tried anew the next time. */
  path(): Promise<string> {
    this.#made ??= make(this.#parent).catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }
}

const FOLDER_MODE = 0o750;

async function make(parent: string): Promise<string> {
  await makeFolder(parent, FOLDER_MODE);
  const taken = new Set(await readdir(parent));
  for (let n = 0; ; n++) {
    if (taken.has(`logs-${n}`)) continue;
    const path = join(parent, `logs-${n}`);
    try {
      await mkdir(path, { mode: FOLDER_MODE });
      return path;
    } catch (error) {
      // another run was faster
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
  }
}
