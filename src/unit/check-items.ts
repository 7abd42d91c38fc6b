/** Checks items against the schemas of their sections, and enters their names. */
import { BUILT_IN_SIGNALS, builtInStates, LOGIN_PERMISSION } from "../flow/built-ins.ts";
import type { ImportDecl } from "../model/unit-set.ts";
import type { Item } from "./collect-items.ts";
import { Names } from "./names.ts";
import { ODD } from "../lib/outline-reader.ts";
import { readByOutline } from "./outline/read.ts";
import { type Problem, reportInto } from "./problem.ts";
import type { RawMount } from "./schema/mount.ts";
import type { RawNetwork } from "./schema/network.ts";
import type { RawPermission } from "./schema/permission.ts";
import type { RawService } from "./schema/service.ts";
import type { RawSignal } from "./schema/signal.ts";
import type { RawState } from "./schema/state.ts";
import type { Section } from "./schema/sections.ts";
import type { RawVariable } from "./schema/variable.ts";

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
  readonly permissions: readonly Checked<RawPermission>[];
  readonly mounts: readonly Checked<RawMount>[];
  readonly networks: readonly Checked<RawNetwork>[];
}

export async function checkItems(items: readonly Item[], problems: Problem[]): Promise<CheckedItems> {
  for (const item of items) checkRun(item, problems);
  const raws = items.map((item) => readByOutline(item.section, item.table));
  const schemas = raws.includes(ODD) ? await import("./check-by-schema.ts") : undefined;
  const of: Readonly<Record<Section, Checked<unknown>[]>> = {
    state: [],
    signal: [],
    service: [],
    variable: [],
    permission: [],
    mount: [],
    network: [],
  };
  for (const [index, item] of items.entries()) {
    const raw = raws[index];
    const checked =
      raw === ODD && schemas !== undefined
        ? schemas.checkItem(item.section, item.table, reportInto(problems, item.layers))
        : { raw, sound: true };
    if (item.name !== undefined) of[item.section].push({ item, name: item.name, raw: checked.raw, sound: checked.sound });
  }
  // as: what a section's outline or schema has read is what its schema makes
  return {
    states: of.state,
    signals: of.signal,
    services: of.service,
    variables: of.variable,
    permissions: of.permission,
    mounts: of.mount,
    networks: of.network,
  } as CheckedItems;
}

/** Asked for here and not by the schema: a template, a drop-in and what extends another service may leave it out. */
function checkRun({ section, table, layers }: Item, problems: Problem[]): void {
  if (section !== "service" || Object.hasOwn(table, "run") || table["template"] === true) return;
  reportInto(problems, layers).error([], '"run" is missing', 'write run = "program arguments"');
}

/** The names of all items that are not switched off, those included that are left out because of errors; reports those that are taken twice, by Rind, or by the system's daemon. */
export function declareNames(
  items: readonly Item[],
  imports: readonly ImportDecl[],
  isOmitted: (item: Item) => boolean,
  problems: Problem[],
): Names {
  const names = new Names();
  const hasNetwork = items.some((item) => item.section === "network" && item.table["enabled"] !== false && !isOmitted(item));
  for (const { name } of builtInStates(hasNetwork)) names.addBuiltIn("state", name);
  for (const { name } of BUILT_IN_SIGNALS) names.addBuiltIn("signal", name);
  names.addBuiltIn("permission", LOGIN_PERMISSION);
  for (const decl of imports) names.addImported(decl);
  const facts = new Map<string, Item>();
  for (const item of items) {
    const { section, name } = item;
    if (name === undefined) continue;
    if (section === "state" || section === "signal") checkFactName(item, name, facts, names, problems);
    if (isDhcp(item)) declareClient(item, name, items, isOmitted(item), names, problems);
    if (item.table["enabled"] === false && section !== "service") names.leaveOut(name);
    else if (!isOmitted(item)) names.add(section, name);
    else if (isFirst(item, name, facts, names)) names.addOmitted(section, name);
  }
  return names;
}

/** A network that asks for its address has a service of its name, which does that. */
export function isDhcp({ section, table }: Item): boolean {
  return section === "network" && table["method"] === "dhcp" && table["enabled"] !== false;
}

function declareClient(item: Item, name: string, items: readonly Item[], isOut: boolean, names: Names, problems: Problem[]): void {
  const other = items.find((each) => each.section === "service" && each.name === name);
  if (other !== undefined) {
    const where = `it is declared in ${other.origin.file}:${other.origin.line}`;
    reportInto(problems, item.layers).error(
      ["name"],
      `there is a service ${name} already, and that of its dhcp client is called so`,
      where,
    );
  } else if (isOut) names.addOmitted("service", name);
  else names.add("service", name);
}

/** Whether the name of an item is its own: what it was taken from twice, or by Rind, is found by it all the same. */
function isFirst(item: Item, name: string, facts: ReadonlyMap<string, Item>, names: Names): boolean {
  const isFact = item.section === "state" || item.section === "signal";
  return !isFact || (facts.get(name) === item && !names.isBuiltIn(name) && !names.isImported(name));
}

/** States and signals share one name space. */
function checkFactName(item: Item, name: string, facts: Map<string, Item>, names: Names, problems: Problem[]): void {
  const report = reportInto(problems, item.layers);
  const first = facts.get(name);
  if (names.isBuiltIn(name)) report.error(["name"], `"${name}" is built in`, "choose another name");
  else if (names.isImported(name))
    report.error(["name"], `"${name}" is the system's, which can be read here and not declared`, "choose another name");
  else if (first === undefined) facts.set(name, item);
  else {
    const where = `first in ${first.origin.file}:${first.origin.line}`;
    report.error(["name"], `"${name}" is a ${first.section} already, and states and signals share their names`, where);
  }
}
