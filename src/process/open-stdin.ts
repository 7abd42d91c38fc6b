import { constants, openSync, statSync } from "node:fs";
import type { LaunchFailure } from "../model/exit.ts";

/** `file` undefined: nothing was asked for, stdin is /dev/null. The caller closes it once the process has it. */
export type OpenedStdin =
  | { readonly ok: true; readonly file: number | undefined }
  | { readonly ok: false; readonly failure: LaunchFailure };

export function openStdin(path: string | undefined): OpenedStdin {
  if (path === undefined) return { ok: true, file: undefined };
  try {
    const kind = statSync(path);
    if (kind.isDirectory())
      return { ok: false, failure: { kind: "not-permitted", message: `its stdin ${path} is a folder: set run.stdin to a file` } };
    // To open a named pipe for reading alone would hold up the whole daemon until someone opens it for writing.
    const access = kind.isFIFO() ? constants.O_RDWR : constants.O_RDONLY;
    return { ok: true, file: openSync(path, access | constants.O_NOCTTY) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT")
      return {
        ok: false,
        failure: { kind: "not-found", message: `its stdin ${path} does not exist: make it, or set run.stdin to another` },
      };
    if (code === "EACCES") return { ok: false, failure: { kind: "not-permitted", message: `its stdin ${path} may not be read` } };
    return { ok: false, failure: { kind: "system", message: `its stdin ${path} cannot be opened (${String(code ?? error)})` } };
  }
}
