import { existsSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

/** What `${...}` and relative paths in unit files refer to. */
export interface Project {
  /** Absolute. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the git work tree that the project lies in; undefined where it lies in none. Looked up at its first use. */
  gitRoot(): string | undefined;
}

/** The project of a units path: of its first folder, the parent where that is called `flows`, else itself; or the one that is given. */
export function projectOf(path: readonly string[], cwd: string, env: NodeJS.ProcessEnv, given?: string): Project {
  const units = resolve(cwd, path[0] ?? ".");
  const folder = given ?? (basename(units) === "flows" ? dirname(units) : units);
  let root: { readonly found: string | undefined } | undefined;
  return {
    folder,
    env,
    gitRoot: () => {
      root ??= { found: findGitRoot(folder) };
      return root.found;
    },
  };
}

function findGitRoot(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : findGitRoot(parent);
}
