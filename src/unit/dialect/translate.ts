/**
 * Files of foreign formats become native tables here, before any item is collected. A format is told by the content of the file. What the
 * native check finds in such a table is told at the place in the foreign file that it comes from.
 */
import { isName } from "../../model/name.ts";
import type { ParsedFile } from "../collect-items.ts";
import { normalise } from "../normalise.ts";
import { type Problem, type Report, reportInto } from "../problem.ts";
import { isTomlTable, type TomlTable } from "../toml-table.ts";
import { isZinit } from "./zinit/is-zinit.ts";
import { nativeTable, zinitPath } from "./zinit/native.ts";
import type { ReadZinit, readZinit } from "./zinit/read.ts";

/** A file as it was written, in whatever format. */
export interface WrittenFile extends Pick<ParsedFile, "file"> {
  readonly root: TomlTable;
}

interface ZinitFile extends ReadZinit, WrittenFile {
  readonly report: Report;
}

/** The files in native tables, in the same order. Of a foreign file with mistakes a table with the name alone is left. */
export async function translate(files: readonly WrittenFile[], problems: Problem[]): Promise<ParsedFile[]> {
  if (!files.some(({ root }) => isZinit(root))) return files.map((written) => nativeFile(written, problems));
  const { readZinit: readIt } = await import("./zinit/read.ts");
  const read = files.map((written) => readForeign(written, readIt, problems));
  const fullNames = zinitNames(read.filter((each) => each !== undefined));
  return files.flatMap((written, index): ParsedFile[] => {
    const zinit = read[index];
    if (zinit === undefined) return [nativeFile(written, problems)];
    const { file, given, config, report } = zinit;
    const name = nameOf(given);
    if (name === undefined || !fullNames.kept.has(zinit)) return [];
    const table = config === undefined ? undefined : nativeTable(config, fullNames.byName, report);
    return [{ file, root: { service: [table ?? { name, run: ["true"] }] }, foreign: { line: lineOfService(file.text), at: zinitPath } }];
  });
}

function nativeFile({ file, root }: WrittenFile, problems: Problem[]): ParsedFile {
  normalise(root, reportInto(problems, [{ file, path: [] }]));
  return { file, root, foreign: undefined };
}

function readForeign({ file, root }: WrittenFile, readIt: typeof readZinit, problems: Problem[]): ZinitFile | undefined {
  if (!isZinit(root)) return undefined;
  const report = reportInto(problems, [{ file, path: [] }]);
  if (file.dropIn) report.errorAtKey(["service"], "a file in zinit's format is no drop-in", "a drop-in has [[service]], with native keys");
  return { file, root, report, ...readIt(root, report) };
}

interface ZinitNames {
  readonly byName: ReadonlyMap<string, string>;
  readonly kept: ReadonlySet<ZinitFile>;
}

/** zinit knows one name space for all its files. What was set by a client replaces what a unit file says, whatever that is called. */
function zinitNames(files: readonly ZinitFile[]): ZinitNames {
  const byName = new Map<string, ZinitFile>();
  const kept = new Set<ZinitFile>();
  for (const zinit of [...files.filter(isStored), ...files.filter((each) => !isStored(each))]) {
    const name = nameOf(zinit.given);
    if (name === undefined) continue;
    const first = byName.get(name);
    if (first !== undefined && isStored(first)) continue;
    kept.add(zinit);
    if (first === undefined) byName.set(name, zinit);
    else zinit.report.error(["service", "name"], `zinit's service "${name}" is declared twice`, `first in ${first.file.name}`);
  }
  return { byName: new Map([...byName].map(([name, { file }]) => [name, `${file.group}@${name}`])), kept };
}

function isStored({ file }: ZinitFile): boolean {
  return file.item !== undefined;
}

function nameOf({ service }: TomlTable): string | undefined {
  const name = isTomlTable(service) ? service["name"] : undefined;
  return typeof name === "string" && isName(name) ? name : undefined;
}

function lineOfService(text: string): number {
  const line = text.split("\n").findIndex((each) => /^[ \t]*\[[ \t]*service[ \t]*\]/.test(each));
  return line < 0 ? 1 : line + 1;
}
