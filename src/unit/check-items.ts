/** Checks items against the schemas of their sections, and enters their names. */
import { BUILT_IN_SIGNALS, BUILT_IN_STATES } from "../flow/built-ins.ts";
import type { Item } from "./collect-items.ts";
import { Names } from "./names.ts";
import { type Problem, reportInto } from "./problem.ts";
import type { RawService } from "./schema/service.ts";
import type { RawSignal } from "./schema/signal.ts";
import type { RawState } from "./schema/state.ts";
import { SECTION_SCHEMAS } from "./schema/unit-file.ts";
import type { RawVariable } from "./schema/variable.ts";
import { reportIssues } from "./schema-problems.ts";
import type { TomlTable } from "./toml-table.ts";

/** An item with a name, as its schema read it. */
export interface Checked<T> {
  readonly item: Item;
  readonly name: string;
  /** Of an item with mistakes: what is left without the keys that have them; undefined where that is nothing. */
  readonly raw: T | undefined;
  readonly sound: boolean;
}

export interface CheckedItems {
  readonly states: readonly Checked<RawState>[];
  readonly signals: readonly Checked<RawSignal>[];
  readonly services: readonly Checked<RawService>[];
  readonly variables: readonly Checked<RawVariable>[];
}

export function checkItems(items: readonly Item[], problems: Problem[]): CheckedItems {
  for (const item of items) checkRun(item, problems);
  return {
    states: checkSection(items, "state", (table) => SECTION_SCHEMAS.state.safeParse(table), problems),
    signals: checkSection(items, "signal", (table) => SECTION_SCHEMAS.signal.safeParse(table), problems),
    services: checkSection(items, "service", (table) => SECTION_SCHEMAS.service.safeParse(table), problems),
    variables: checkSection(items, "variable", (table) => SECTION_SCHEMAS.variable.safeParse(table), problems),
  };
}

/** Asked for here and not by the schema: a template, a drop-in and what extends another service may leave it out. */
function checkRun({ section, table, layers }: Item, problems: Problem[]): void {
  if (section !== "service" || Object.hasOwn(table, "run") || table["template"] === true) return;
  reportInto(problems, layers).error([], '"run" is missing', 'write run = "program arguments"');
}

type Parsed<T> = ReturnType<(typeof SECTION_SCHEMAS)[keyof typeof SECTION_SCHEMAS]["safeParse"]> & { readonly data?: T | undefined };

function checkSection<T>(
  items: readonly Item[],
  section: Item["section"],
  parse: (table: unknown) => Parsed<T>,
  problems: Problem[],
): Checked<T>[] {
  return items.flatMap((item) => {
    if (item.section !== section) return [];
    const parsed = parse(item.table);
    if (!parsed.success) reportIssues(parsed.error.issues, item.table, reportInto(problems, item.layers));
    if (item.name === undefined) return [];
    const raw = parsed.success ? parsed.data : parse(withoutWrongKeys(item.table, parsed.error.issues)).data;
    return [{ item, name: item.name, raw, sound: parsed.success }];
  });
}

/** The rest can still be resolved, so that the mistakes in it are told in the same go. The name is not read again. */
function withoutWrongKeys(
  table: TomlTable,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly keys?: readonly string[] }[],
): TomlTable {
  const wrong = new Set(issues.flatMap(({ path, keys = [] }): readonly PropertyKey[] => (path.length === 0 ? keys : path.slice(0, 1))));
  const rest = Object.entries(table).filter(([key]) => !wrong.has(key));
  return { ...Object.fromEntries(rest), name: "unnamed" };
}

/** The names of all items that are not switched off; reports those that are taken twice, or by Rind. */
export function declareNames(items: readonly Item[], problems: Problem[]): Names {
  const names = new Names();
  for (const { name } of BUILT_IN_STATES) names.addBuiltIn("state", name);
  for (const { name } of BUILT_IN_SIGNALS) names.addBuiltIn("signal", name);
  const facts = new Map<string, Item>();
  for (const item of items) {
    const { section, name } = item;
    if (name === undefined) continue;
    if (section === "state" || section === "signal") checkFactName(item, name, facts, names, problems);
    if (item.table["enabled"] === false && section !== "service") names.leaveOut(name);
    else names.add(section, name);
  }
  return names;
}

/** States and signals share one name space. */
function checkFactName(item: Item, name: string, facts: Map<string, Item>, names: Names, problems: Problem[]): void {
  const report = reportInto(problems, item.layers);
  const first = facts.get(name);
  if (names.isBuiltIn(name)) report.error(["name"], `"${name}" is built in`, "choose another name");
  else if (first === undefined) facts.set(name, item);
  else {
    const where = `first in ${first.origin.file}:${first.origin.line}`;
    report.error(["name"], `"${name}" is a ${first.section} already, and states and signals share their names`, where);
  }
}
