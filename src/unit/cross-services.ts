/** What takes more than one service to see: `before`, what is waited for in vain, and who writes to the same file. */
import type { OrderItem, ServiceDecl, Settings } from "../model/unit-set.ts";
import type { Checked } from "./check-items.ts";
import { isExecutable } from "./dialect/zinit/executable.ts";
import type { Layer, Path } from "./problem.ts";
import { resolveOrder } from "./resolve/order.ts";
import type { RawService } from "./schema/service.ts";
import type { Scope } from "./scope.ts";

/** Where an item of a list is written that another service wrote. */
export interface ForeignPlace {
  readonly layers: readonly Layer[];
  readonly path: Path;
}

export interface JoinedServices {
  readonly services: readonly ServiceDecl[];
  /** By `placeKey`. */
  readonly foreign: ReadonlyMap<string, ForeignPlace>;
}

/** Of the entry number `index` of the `after` of a service. */
export function placeKey(service: string, index: number): string {
  return `${service} ${index}`;
}

/** `before` of each service becomes `after` at the other end; whoever is named there twice waits once. */
export function joinServices(
  checked: readonly Checked<RawService>[],
  services: readonly ServiceDecl[],
  scopeOf: (of: Checked<RawService>) => Scope,
): JoinedServices {
  const byName = new Map(services.map((decl) => [decl.name, decl]));
  const added = new Map<string, OrderItem[]>();
  const foreign = new Map<string, ForeignPlace>();
  for (const one of checked) {
    if (one.raw?.before === undefined || !byName.has(one.name)) continue;
    for (const { service, is, path } of resolveOrder(one.raw.before, "before", one.name, scopeOf(one))) {
      const own = byName.get(service)?.after ?? [];
      const list = added.get(service) ?? [];
      if ([...own, ...list].some((item) => item.service === one.name && item.is === is)) continue;
      foreign.set(placeKey(service, own.length + list.length), { layers: one.item.layers, path });
      added.set(service, [...list, { service: one.name, is }]);
    }
  }
  if (added.size === 0) return { services, foreign };
  const joined = services.map((decl) => {
    const more = added.get(decl.name);
    return more === undefined ? decl : { ...decl, after: [...decl.after, ...more] };
  });
  return { services: joined, foreign };
}

/** Warnings that need the whole set. */
export function lintServices(
  checked: readonly Checked<RawService>[],
  services: readonly ServiceDecl[],
  settings: Settings,
  scopeOf: (of: Checked<RawService>) => Scope,
): void {
  const byName = new Map(services.map((decl) => [decl.name, decl]));
  const writers = new Map<string, string>();
  for (const one of checked) {
    const decl = byName.get(one.name);
    if (decl === undefined) continue;
    lintReady(one, byName, scopeOf);
    if (one.item.foreign && one.sound && !isExecutable(decl.run, settings, scopeOf(one).units.project.env))
      scopeOf(one).report.warning(
        ["run"],
        `there is no program "${decl.run.program}" that could be run`,
        "install it, or write its full path",
      );
    const { file } = decl.log;
    if (file === undefined) continue;
    const first = writers.get(file);
    if (first === undefined) writers.set(file, decl.name);
    else scopeOf(one).report.warning(["log", "file"], `${first} writes to ${file} too`, "give each a file of its own");
  }
}

/** Only where it was asked for in words: that `after` waits for ready ones is the common case, and most have no probe. */
function lintReady(one: Checked<RawService>, byName: ReadonlyMap<string, ServiceDecl>, scopeOf: (of: Checked<RawService>) => Scope): void {
  const { name, raw } = one;
  if (raw?.after === undefined && raw?.requires === undefined && raw?.wants === undefined) return;
  for (const key of ["after", "requires", "wants"] as const) {
    if (raw?.[key] === undefined || raw[key].length === 0) continue;
    const scope = scopeOf(one);
    for (const { service, is, explicit, path } of resolveOrder(raw[key], key, name, scope)) {
      const other = byName.get(service);
      if (!explicit || is !== "ready" || other === undefined || other.type === "oneshot" || other.ready !== undefined) continue;
      scope.report.warning(
        path,
        `${service} has no "ready", so it is ready as soon as its process is up`,
        "say how it is known, or wait for @started",
      );
    }
  }
}
