/**
 * From checked items to the unit set: gives every name its meaning. Where names are used that are declared nowhere, everything is resolved
 * twice, because only all uses together tell what is implied (see facts.ts); what the first pass reported is then thrown away. An item
 * with mistakes keeps its place, empty, so that one mistake is not told again by everything that refers to the item.
 */
import { builtInStates } from "../flow/built-ins.ts";
import type { Json } from "../model/json.ts";
import type { Origin, PayloadKind, ServiceDecl, Settings, SignalDecl, StateDecl, UnitSet, VariableDecl } from "../model/unit-set.ts";
import type { Checked, CheckedItems } from "./check-items.ts";
import type { Collected, Item } from "./collect-items.ts";
import { type ForeignPlace, joinServices, lintServices } from "./cross-services.ts";
import { Facts } from "./facts.ts";
import { dhcpClients } from "./dhcp-clients.ts";
import { addImplied, omittedFacts } from "./implied.ts";
import type { Names } from "./names.ts";
import { ODD } from "../lib/outline-reader.ts";
import { readByOutline } from "./outline/read.ts";
import { emptyService, emptySignal, emptyState } from "./placeholders.ts";
import { type Problem, reportInto } from "./problem.ts";
import type { Project } from "./project.ts";
import { resolveOthers } from "./resolve-others.ts";
import { resolveCommand } from "./resolve/command.ts";
import { resolveSignal, resolveState } from "./resolve/facts.ts";
import { restartPolicies } from "./resolve/restart.ts";
import type { Variables } from "./resolve/run.ts";
import { resolveService, type ServiceContext } from "./resolve/service.ts";
import type { RawSettings } from "./schema/settings.ts";
import { Scope, type Units } from "./scope.ts";

export interface ResolvedUnits {
  readonly units: UnitSet;
  /** Where entries of lists are written that do not stand in the service that has them. */
  readonly foreign: ReadonlyMap<string, ForeignPlace>;
}

/** `omitted`: what has errors and is left out, so that the rest can run; undefined: errors are told, and nothing runs. */
export async function resolveUnits(
  checked: CheckedItems,
  settings: Collected["settings"],
  names: Names,
  project: Project,
  problems: Problem[],
  omitted: CheckedItems | undefined,
): Promise<ResolvedUnits> {
  const common = await readSettings(settings, problems);
  const units: Units = {
    names,
    facts: new Facts(names),
    project,
    absent: absentServices(checked.services),
    leavesOut: omitted !== undefined,
  };
  const context: ServiceContext = {
    restart: restartPolicies(common.restart),
    variables: { valueOf: variableValues(checked, project), readRun: await runReader(checked) },
    payloadOf: payloadKinds(checked, names),
  };
  const found: Problem[] = [];
  let resolved = resolveItems(checked, units, context, found);
  if (units.facts.settle()) {
    found.length = 0;
    resolved = resolveItems(checked, units, context, found);
  }
  const scopeOf = scopesOf(units, found);
  const others = resolveOthers(checked, scopeOf);
  const clients = dhcpClients(checked.networks, others.networks, project.env);
  const { services, foreign } = joinServices(checked.services, [...resolved.services, ...clients], scopeOf);
  const whole = resolveSettings(common, new Scope(units, "", reportInto(found, settings.layers)));
  lintServices(checked.services, services, whole, scopeOf);
  for (const problem of found) problems.push(problem);
  const implied = addImplied(
    { ...resolved, services },
    units.facts,
    omitted === undefined ? [] : omittedFacts(omitted, names, scopeOf),
    names,
  );
  const variables = checked.variables.flatMap(({ name, item, raw }) => (isOn(item.table) ? [variable(name, raw)] : []));
  return {
    foreign,
    units: { ...implied, variables, ...others, imports: names.imports, settings: whole },
  };
}

interface Resolved {
  readonly states: readonly StateDecl[];
  readonly signals: readonly SignalDecl[];
  readonly services: readonly ServiceDecl[];
}

function resolveItems(checked: CheckedItems, units: Units, context: ServiceContext, problems: Problem[]): Resolved {
  const scopeOf = scopesOf(units, problems);
  const resolveAll = <T, D>(
    of: readonly Checked<T>[],
    empty: (name: string) => D,
    resolve: (name: string, raw: T, origin: Origin, scope: Scope, item: Item) => D,
  ): D[] =>
    of.flatMap((each) => {
      const decl = each.raw === undefined ? undefined : resolve(each.name, each.raw, each.item.origin, scopeOf(each), each.item);
      if (!isOn(each.item.table)) return [];
      return [decl !== undefined && isWhole(each) ? decl : empty(each.name)];
    });
  // what a foreign format leaves out, its own rules give
  const foreignContext: ServiceContext = { ...context, restart: restartPolicies(undefined) };
  const running = checked.services.filter(({ raw }) => raw?.template !== true);
  return {
    states: resolveAll(checked.states, emptyState, resolveState),
    signals: resolveAll(checked.signals, emptySignal, resolveSignal),
    services: resolveAll(running, emptyService, (name, raw, origin, scope, { foreign }) =>
      resolveService(name, raw, origin, foreign ? foreignContext : context, scope),
    ),
  };
}

/**
 * A state without its wrong keys may be another kind of state, and its use a mistake that nobody made. A service without its wrong keys
 * is a service still.
 */
function isWhole({ sound, item }: Checked<unknown>): boolean {
  return sound || item.section === "service";
}

function scopesOf(units: Units, problems: Problem[]): (of: Checked<unknown>) => Scope {
  return ({ item }) => new Scope(units, item.group, reportInto(problems, item.layers), { literal: item.foreign });
}

async function readSettings({ table, layers }: Collected["settings"], problems: Problem[]): Promise<RawSettings> {
  const raw = readByOutline("settings", table);
  // as: what the outline has read is what the schema makes
  if (raw !== ODD) return raw as RawSettings;
  const { checkSettings } = await import("./check-by-schema.ts");
  return checkSettings(table, reportInto(problems, layers));
}

/** Reads what variables hold that are to be run. Few units have such, and only they need the schema. */
async function runReader({ services }: CheckedItems): Promise<Variables["readRun"]> {
  const isVariable = ({ raw }: CheckedItems["services"][number]): boolean =>
    typeof raw?.run === "object" && "variable" in raw.run && raw.run.variable !== undefined;
  if (!services.some(isVariable)) return () => undefined;
  return (await import("./check-by-schema.ts")).checkRun;
}

function resolveSettings(raw: RawSettings, scope: Scope): Settings {
  const { logging } = raw;
  return {
    env: raw.env ?? {},
    path: raw.path === undefined ? undefined : scope.expand(raw.path, ["path"]),
    startup: resolveCommand(raw.startup, ["startup"], scope),
    logFolder: logging?.enable === true ? scope.path(logging.dir, ["logging", "dir"]) : undefined,
    onEmpty: raw["on-empty"],
    shutdownTimeoutMs: raw["shutdown-timeout-ms"] ?? raw["shutdown-timeout"],
  };
}

/** Why services that are declared will never run. */
function absentServices(services: CheckedItems["services"]): ReadonlyMap<string, string> {
  const absent = new Map<string, string>();
  for (const { name, item } of services) {
    if (item.table["template"] === true) absent.set(name, "it is a template");
    if (!isOn(item.table)) absent.set(name, "it has enabled = false");
  }
  return absent;
}

function variableValues({ variables }: CheckedItems, { env }: Project): (name: string) => Json | undefined {
  const byName = new Map(variables.map(({ name, raw }) => [name, raw]));
  return (name) => {
    const raw = byName.get(name);
    return (raw?.env === undefined ? undefined : env[raw.env]) ?? raw?.default;
  };
}

function payloadKinds({ states, networks }: CheckedItems, { imports }: Names): (name: string) => PayloadKind | undefined {
  const kinds = new Map([...builtInStates(networks.length > 0), ...imports].map(({ name, payload }) => [name, payload]));
  for (const { name, raw } of states) if (raw !== undefined) kinds.set(name, raw.payload);
  return (name) => kinds.get(name);
}

function variable(name: string, raw: CheckedItems["variables"][number]["raw"]): VariableDecl {
  return { name, default: raw?.default, env: raw?.env };
}

function isOn(table: Readonly<Record<string, unknown>>): boolean {
  return table["enabled"] !== false;
}
