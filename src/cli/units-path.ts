import { delimiter } from "node:path";

/** The folders of unit files: DIR (a list is split at `:`), else `RIND_UNITS_PATH`, else `flows`. Not yet looked at. */
export function unitsPath(given: string | undefined, env: NodeJS.ProcessEnv): readonly string[] {
  const folders = (given ?? env["RIND_UNITS_PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.length === 0 ? ["flows"] : folders;
}
