/** Items that no state, signal or service depends on: who may do what, file systems and networks. */
import { components, wayBetween } from "../flow/components.ts";
import { LOGIN_PERMISSION } from "../flow/built-ins.ts";
import type { Origin, PermissionDecl, UnitSet } from "../model/unit-set.ts";
import type { Checked, CheckedItems } from "./check-items.ts";
import { itemOf } from "./names.ts";
import type { Report } from "./problem.ts";
import { orderMounts, resolveMount } from "./resolve/mounts.ts";
import { checkInterfaces, resolveNetwork } from "./resolve/networks.ts";
import { resolvePermission } from "./resolve/permissions.ts";
import type { Scope } from "./scope.ts";

export function resolveOthers(
  { permissions, mounts, networks }: CheckedItems,
  scopeOf: (of: Checked<unknown>) => Scope,
): Pick<UnitSet, "permissions" | "mounts" | "networks"> {
  const resolved = {
    permissions: resolveAll(permissions, resolvePermission, scopeOf),
    mounts: resolveAll(mounts, resolveMount, scopeOf),
    networks: resolveAll(networks, resolveNetwork, scopeOf),
  };
  checkIncludes(resolved.permissions, reports(permissions, scopeOf));
  checkInterfaces(resolved.networks, reports(networks, scopeOf));
  return {
    permissions: withLogin(resolved.permissions),
    mounts: orderMounts(resolved.mounts, reports(mounts, scopeOf)),
    networks: resolved.networks,
  };
}

/** One with wrong keys is left out, since without them it would be another one; what was switched off is looked at all the same. */
function resolveAll<T, D>(
  of: readonly Checked<T>[],
  resolve: (name: string, raw: T, origin: Origin, scope: Scope) => D,
  scopeOf: (of: Checked<unknown>) => Scope,
): D[] {
  return of.flatMap((each) => {
    if (each.raw === undefined) return [];
    const decl = resolve(each.name, each.raw, each.item.origin, scopeOf(each));
    return each.sound && each.item.table["enabled"] !== false ? [decl] : [];
  });
}

function reports(of: readonly Checked<unknown>[], scopeOf: (of: Checked<unknown>) => Scope): (name: string) => Report {
  const byName = new Map(of.map((each) => [each.name, each]));
  return (name) => {
    const found = byName.get(name);
    if (found === undefined) throw new Error(`no item "${name}"`);
    return scopeOf(found).report;
  };
}

function checkIncludes(permissions: readonly PermissionDecl[], reportOf: (name: string) => Report): void {
  const byName = new Map(permissions.map((decl) => [decl.name, decl]));
  const includesOf = (name: string): readonly string[] => byName.get(name)?.includes ?? [];
  for (const group of components(byName.keys(), includesOf)) {
    const [first = ""] = group;
    const includesItself = includesOf(first).includes(first);
    if (group.length < 2 && !includesItself) continue;
    const circle = (includesItself ? [first, first] : wayBetween(first, first, group, includesOf)).join(" -> ");
    reportOf(first).error(["includes"], `permissions include each other in a circle: ${circle}`, "leave out one of these");
  }
}

/** The built-in one, where no file declares it: it is given to all who have a permission of that name. */
function withLogin(permissions: readonly PermissionDecl[]): readonly PermissionDecl[] {
  if (permissions.some(({ name }) => name === LOGIN_PERMISSION)) return permissions;
  const includes = permissions.map(({ name }) => name).filter((name) => itemOf(name) === itemOf(LOGIN_PERMISSION));
  return [...permissions, { name: LOGIN_PERMISSION, group: undefined, users: [], includes, origin: undefined }];
}
