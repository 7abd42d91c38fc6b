/**
 * Takes the files apart into items: which there are, under which full name, and out of which tables each is made. A drop-in lies over the
 * item of its name; within the group's own file, and within one drop-in, a name is given once.
 */
import { nearestName } from "../lib/nearest-name.ts";
import type { Origin } from "../model/unit-set.ts";
import { itemOrigins, type OriginOf } from "./origin.ts";
import type { Layer, Path, Problem, Report, SourceFile } from "./problem.ts";
import { reportInto } from "./problem.ts";
import { LATER_SECTIONS, SECTIONS, type Section } from "./schema/sections.ts";
import { isTomlTable, mergeTables, type TomlTable } from "./toml-table.ts";

export interface Item {
  readonly section: Section;
  readonly group: string;
  /** `GROUP@ITEM`; undefined where the name is missing or no text: such an item is checked by itself, and nothing can refer to it. */
  readonly name: string | undefined;
  readonly layers: readonly Layer[];
  readonly table: TomlTable;
  readonly origin: Origin;
  /** It comes from a foreign format, whose rules hold: nothing in its texts is replaced, and it takes nothing from `[settings]`. */
  readonly foreign: boolean;
}

export interface ParsedFile {
  readonly file: SourceFile;
  /** In native keys, in kebab-case. */
  readonly root: TomlTable;
  /** Of a file that was translated: the line of its one item, and where the keys of that come from. */
  readonly foreign: { readonly line: number; readonly at: (path: Path) => Path } | undefined;
}

export interface Collected {
  readonly items: readonly Item[];
  readonly settings: { readonly table: TomlTable; readonly layers: readonly Layer[] };
}

/** `files` in the order in which they apply: a drop-in after what it lies over. */
export async function collectItems(files: readonly ParsedFile[], problems: Problem[]): Promise<Collected> {
  const items = new Map<string | Layer, Item>();
  let settings: Collected["settings"] = { table: {}, layers: [] };
  for (const { file, root, foreign } of files) {
    const report = reportInto(problems, [{ file, path: [] }]);
    if (file.item !== undefined) checkStored(file, file.item, root, foreign?.at(["name"]) ?? ["service", 0, "name"], report);
    const sections = readSections(root, report);
    const counts = new Map([...sections].map(([section, tables]) => [section, tables.length]));
    const origins = foreign === undefined ? itemOrigins(file, counts) : () => ({ file: file.name, line: foreign.line });
    // to wait for what is there already takes a turn for each file
    const originOf = origins instanceof Promise ? await origins : origins;
    for (const [section, tables] of sections) {
      tables.forEach((table, index) => {
        if (isTomlTable(table)) addItem(items, { file, section, table, index, originOf, foreign }, problems);
        else report.error([section, index], `"${section}[${index}]" must be a table`, `write [[${section}]]`);
      });
    }
    settings = addSettings(settings, file, root["settings"], report);
  }
  return { items: [...items.values()], settings };
}

/** A file of the services folder is called for what is in it, so that no other file can hold that too. */
function checkStored({ group }: SourceFile, item: string, { service, ...others }: TomlTable, at: Path, report: Report): void {
  const [only, ...more] = Array.isArray(service) ? service : [];
  const name: unknown = isTomlTable(only) ? only["name"] : undefined;
  if (name === item && more.length === 0 && Object.keys(others).length === 0) return;
  report.error(
    name === item ? [] : at,
    `this file holds the service ${group}@${item}, and nothing else`,
    "rename the file, or undo the change",
  );
}

/** The lists of tables of a file, by section; reports what is no section. */
function readSections(root: TomlTable, report: Report): Map<Section, readonly unknown[]> {
  const sections = new Map<Section, readonly unknown[]>();
  for (const [key, value] of Object.entries(root)) {
    const section = SECTIONS.find((each) => each === key);
    if (section !== undefined && Array.isArray(value)) sections.set(section, value);
    else if (section !== undefined) report.errorAtKey([key], `"${key}" must be a list of tables`, `write [[${key}]]`);
    else if (LATER_SECTIONS.some((each) => each === key)) reportLater(key, value, report);
    else if (key !== "settings") reportUnknown(key, report);
    else if (!isTomlTable(value)) report.errorAtKey([key], `"settings" must be a table`, "write [settings]");
  }
  return sections;
}

function reportLater(key: string, value: unknown, report: Report): void {
  if (!Array.isArray(value) || value.length > 0) report.errorAtKey([key], `[[${key}]] is not supported yet`);
}

function reportUnknown(key: string, report: Report): void {
  const known = [...SECTIONS, ...LATER_SECTIONS, "settings"];
  const nearest = nearestName(key, known);
  report.errorAtKey(
    [key],
    `unknown section "${key}"`,
    nearest === undefined ? `known here: ${SECTIONS.join(", ")}, settings` : `did you mean "${nearest}"?`,
  );
}

interface Found {
  readonly file: SourceFile;
  readonly section: Section;
  readonly table: TomlTable;
  readonly index: number;
  readonly originOf: OriginOf;
  readonly foreign: ParsedFile["foreign"];
}

function addItem(items: Map<string | Layer, Item>, { file, section, table, index, originOf, foreign }: Found, problems: Problem[]): void {
  const layer: Layer = { file, path: [section, index], at: foreign?.at };
  const item = itemNameOf(section, table);
  const name = item === undefined ? undefined : `${file.group}@${item}`;
  // what has no name is nobody else's
  const key = name === undefined ? layer : `${section} ${name}`;
  const below = items.get(key);
  const origin = originOf(section, index);
  if (below === undefined || (file.item !== undefined && below.origin.file !== file.name)) {
    items.set(key, { section, group: file.group, name, layers: [layer], table, origin, foreign: foreign !== undefined });
  } else if (below.layers.at(-1)?.file === file) {
    const first = firstIn(file, below, originOf);
    reportInto(problems, [layer]).error(["name"], `${section} "${name}" is declared twice`, `first in ${first.file}:${first.line}`);
  } else {
    items.set(key, { ...below, layers: [...below.layers, layer], table: mergeTables(below.table, table) });
  }
}

/** A mount may be called for its target alone. */
function itemNameOf(section: Section, { name, target }: TomlTable): string | undefined {
  if (typeof name === "string") return name;
  return section === "mount" && name === undefined && typeof target === "string" ? mountName(target) : undefined;
}

function mountName(target: string): string {
  const steps = target.split("/").filter(Boolean);
  return steps.length === 0
    ? "root"
    : steps
        .join("-")
        .replaceAll(/[^A-Za-z0-9_.-]/g, "_")
        .replace(/^[.-]/, "_");
}

/** Where `file` itself declared the item: the origin of a merged item lies in another file. */
function firstIn(file: SourceFile, item: Item, originOf: OriginOf): Origin {
  const index = item.layers.find((layer) => layer.file === file)?.path[1];
  return typeof index === "number" ? originOf(item.section, index) : item.origin;
}

function addSettings(below: Collected["settings"], file: SourceFile, table: unknown, report: Report): Collected["settings"] {
  if (!isTomlTable(table)) return below;
  const first = below.layers.find((layer) => !layer.file.dropIn);
  if (first !== undefined && !file.dropIn) {
    report.error(["settings"], "[settings] is given twice", `there is one for all files, first in ${first.file.name}`);
    return below;
  }
  return { table: mergeTables(below.table, table), layers: [...below.layers, { file, path: ["settings"] }] };
}
