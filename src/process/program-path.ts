import { resolve } from "node:path";
import { searchProgram } from "./find-program.ts";
import type { LaunchPlan } from "./launcher.ts";

/** What was found in this turn, by folder, PATH and name: those that are started in one go often have the same program. */
const found = new Map<string, string | undefined>();

/** The path of the program of a plan. Whether it can be run is not looked at where the plan has a path; undefined: there is none of this name. */
export function programPath({ program, env, cwd }: LaunchPlan): string | undefined {
  if (program.includes("/")) return isPlain(program) ? program : resolve(cwd, program);
  if (program === "") return undefined;
  const searchPath = env["PATH"];
  const key = `${cwd}\0${searchPath ?? ""}\0${program}`;
  const known = found.get(key);
  if (known !== undefined) return known;
  if (found.size === 0) setImmediate(() => found.clear());
  const path = searchProgram(program, searchPath, cwd);
  found.set(key, path);
  return path;
}

/** Whether nothing is to be resolved. */
function isPlain(path: string): boolean {
  return path.startsWith("/") && !path.includes("//") && !path.includes("/.") && !path.endsWith("/");
}
