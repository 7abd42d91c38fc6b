import { delimiter } from "node:path";

/** The folders of unit files: DIR (a list is split at `:`), else `RIND_UNITS_PATH`, else `otherwise`. Not yet looked at. */
export function unitsPath(given: string | undefined, env: NodeJS.ProcessEnv, otherwise = "flows"): readonly string[] {
  const folders = (given ?? env["RIND_UNITS_PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.length === 0 ? [otherwise] : folders;
}
