import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** The way to a program, looked up in `folders`, else in PATH and where the tools of root lie. */
export function programPath(
  name: string,
  folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"],
): string | undefined {
  return folders.map((folder) => join(folder, name)).find(runs);
}

/** As `programPath`, where it is known to be there: a peer says so before it is asked for more. */
export function mustFind(name: string, folders?: string[]): string {
  const path = programPath(name, folders);
  if (path === undefined) throw new Error(`there is no ${name}`);
  return path;
}

/** What to say of the first of the programs that is not there; undefined if all are. */
export function lackOf(programs: readonly string[], debian: string): string | undefined {
  const missing = programs.find((name) => programPath(name) === undefined);
  return missing === undefined ? undefined : `no ${missing}: Debian's package ${debian}`;
}

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
