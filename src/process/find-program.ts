import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import type { LaunchFailure } from "../model/exit.ts";
import { headObstacle } from "./program-head.ts";

/**
 * Says before the fork whether a program can be run, and if not, why.
 *
 * The kernel answers one ENOENT for a missing program, a missing folder and a missing interpreter, and Node tells even that only later; here each
 * has its own sentence. What is found here can still be gone a moment later: the launcher explains that case too.
 */
export type FoundProgram = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly failure: LaunchFailure };

/** Where a program is looked for if its environment has no PATH. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** `program` with a slash is a path, relative to `cwd`; without one it is looked up in `searchPath` as execvp(3) does. */
export function findProgram(program: string, searchPath: string | undefined, cwd: string): FoundProgram {
  if (program === "")
    return refuse("bad-plan", "the program has no name: write the path of a program, or its name to be looked up in PATH");
  if (program.includes("/")) {
    const path = resolve(cwd, program);
    const obstacle = obstacleOf(path) ?? headObstacle(path, cwd, obstacleOf);
    return obstacle === undefined ? { ok: true, path } : { ok: false, failure: obstacle };
  }
  let first: LaunchFailure | undefined;
  for (const folder of (searchPath ?? DEFAULT_PATH).split(":")) {
    const path = resolve(cwd, folder, program);
    const obstacle = obstacleOf(path);
    if (obstacle === undefined) {
      const inside = headObstacle(path, cwd, obstacleOf);
      return inside === undefined ? { ok: true, path } : { ok: false, failure: inside };
    }
    if (obstacle.kind === "not-permitted") first ??= obstacle;
  }
  if (first !== undefined) return { ok: false, failure: first };
  const where = searchPath === undefined ? `the default PATH (${DEFAULT_PATH})` : `PATH (${searchPath})`;
  return refuse("not-found", `there is no program "${program}" in ${where}: write its full path, or set PATH in run.env`);
}

/** The first of this name in `searchPath` that may be run; undefined: none. */
export function searchProgram(name: string, searchPath: string | undefined, cwd: string): string | undefined {
  for (const folder of (searchPath ?? DEFAULT_PATH).split(":")) {
    const path = resolve(cwd, folder, name);
    if (isThere(path) && obstacleOf(path) === undefined) return path;
  }
  return undefined;
}

/** Why no process can start in this folder; undefined: it can. */
export function folderObstacle(cwd: string): LaunchFailure | undefined {
  try {
    if (!statSync(cwd).isDirectory()) return { kind: "not-found", message: `its folder ${cwd} is not a folder: set run.cwd to one` };
    accessSync(cwd, constants.X_OK);
    return undefined;
  } catch (error) {
    return isDenied(error)
      ? { kind: "not-permitted", message: `its folder ${cwd} may not be entered: give it the right "x", or set run.cwd to another` }
      : { kind: "not-found", message: `its folder ${cwd} does not exist: make it, or set run.cwd to another` };
  }
}

function obstacleOf(path: string): LaunchFailure | undefined {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return { kind: "not-permitted", message: `${path} is a folder, not a program` };
    if (!found.isFile()) return { kind: "not-permitted", message: `${path} is a device, pipe or socket, not a program` };
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return isDenied(error)
      ? { kind: "not-permitted", message: `${path} is not executable: give it the right "x" (chmod +x), or run it by its interpreter` }
      : { kind: "not-found", message: `there is no program ${path}` };
  }
}

/** Most folders of a PATH do not have it, and an error costs more than the look. */
function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isDenied(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM");
}

function refuse(kind: LaunchFailure["kind"], message: string): FoundProgram {
  return { ok: false, failure: { kind, message } };
}
