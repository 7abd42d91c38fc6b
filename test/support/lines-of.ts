import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The lines of a file, in the order of the alphabet; none while it is not there. */
export function linesOf(folder: string, file: string): string[] {
  try {
    return readFileSync(join(folder, file), "utf8").trim().split("\n").toSorted();
  } catch {
    return [];
  }
}
