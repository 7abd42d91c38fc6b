import { existsSync, realpathSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { UsageError } from "../errors/rind-error.ts";
import { type RunningProject, runningProjects } from "./projects.ts";
import { userRuntimeFolder } from "./runtime-folder.ts";

/** Where PID 1 listens, and the last place where a daemon is looked for. */
export const SYSTEM_SOCKET = "/run/rind/rind.sock";

/**
 * The control socket that a command is meant for (SPEC 9): `option` (`--socket`), else `RIND_SOCKET`, else that of the running
 * project of this folder, else the user's, else the system's. Nobody need listen there. Throws a `UsageError` where several
 * projects of this folder run.
 */
export function findSocket(options: { option: string | undefined; env: NodeJS.ProcessEnv; cwd: string; uid: number }): string {
  const { option, env, cwd, uid } = options;
  const given = option ?? nonEmpty(env["RIND_SOCKET"]);
  if (given !== undefined) return resolve(cwd, given);
  const running = chooseProject(runningProjects(env, uid), realFolder(cwd));
  if (running !== undefined) return running.socket;
  const folder = userRuntimeFolder(env, uid);
  const own = folder === undefined ? undefined : join(folder, "rind.sock");
  return own !== undefined && existsSync(own) ? own : SYSTEM_SOCKET;
}

/** Of the running projects that whose folder, or the folder it was started in, is `folder` or its nearest ancestor; the project's own folder counts first. */
export function chooseProject(running: readonly RunningProject[], folder: string): RunningProject | undefined {
  let best: RunningProject[] = [];
  let bestRank = -1;
  for (const candidate of running) {
    const rank = Math.max(2 * nearness(candidate.project, folder) + 1, 2 * nearness(candidate.cwd, folder));
    if (rank < 0 || rank < bestRank) continue;
    best = rank === bestRank ? [...best, candidate] : [candidate];
    bestRank = rank;
  }
  if (best.length > 1) {
    const names = best.map(({ project, socket }) => `${project} (${socket})`).join(", ");
    throw new UsageError(`several projects run from this folder: ${names}`, { hint: "say which with --socket PATH" });
  }
  return best[0];
}

/** How deep `ancestor` lies in the tree, where it is `folder` or above it; else below zero. */
function nearness(ancestor: string, folder: string): number {
  const way = relative(ancestor, folder);
  return way === ".." || way.startsWith("../") ? -1 : ancestor.split("/").filter((part) => part !== "").length;
}

function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text === "" ? undefined : text;
}
