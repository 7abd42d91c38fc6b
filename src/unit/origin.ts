import type { Origin } from "../model/unit-set.ts";
import type { SourceFile } from "./problem.ts";
import { SECTIONS, type Section } from "./schema/sections.ts";

const HEADER = /^[ \t]*\[\[[ \t]*["']?([a-z]+)["']?[ \t]*\]\]/;

/** Where the item number `index` of a section begins. */
export type OriginOf = (section: Section, index: number) => Origin;

/**
 * Finds the headers of a file's items by their look, because the parser that knows positions costs eight times as much as the other. Where
 * that finds another number of items than `counts` says (a header inside of a text, a list of inline tables), it is asked all the same.
 */
export function itemOrigins(file: SourceFile, counts: ReadonlyMap<Section, number>): OriginOf | Promise<OriginOf> {
  const lines = headerLines(file.text);
  if (SECTIONS.every((section) => (lines.get(section)?.length ?? 0) === (counts.get(section) ?? 0))) {
    return (section, index) => ({ file: file.name, line: lines.get(section)?.[index] ?? 1 });
  }
  return exactOrigins(file);
}

async function exactOrigins(file: SourceFile): Promise<OriginOf> {
  const { indexPositions } = await import("./locate.ts");
  const positionOf = indexPositions(file.text);
  return (section, index) => ({ file: file.name, line: positionOf([section, index], false).line });
}

function headerLines(text: string): Map<string, number[]> {
  const found = new Map<string, number[]>();
  let line = 0;
  for (let start = 0; start >= 0 && start <= text.length; ) {
    line += 1;
    const end = text.indexOf("\n", start);
    const section = mayBeHeader(text, start) ? HEADER.exec(text.slice(start, end < 0 ? undefined : end))?.[1] : undefined;
    start = end < 0 ? -1 : end + 1;
    if (section === undefined) continue;
    const lines = found.get(section);
    if (lines === undefined) found.set(section, [line]);
    else lines.push(line);
  }
  return found;
}

/** Most lines are none, and to cut them out takes longer than to look at their first letter. */
function mayBeHeader(text: string, start: number): boolean {
  const first = text[start];
  return first === "[" || first === " " || first === "\t";
}
