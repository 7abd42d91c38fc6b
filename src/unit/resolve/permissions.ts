import type { Origin, PermissionDecl, Right } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawPermission, RawRights } from "../schema/permission.ts";
import type { Scope } from "../scope.ts";

/** A name that means no permission is reported, and stays as a right that nobody has: what was meant to be kept from others is. */
export function resolveRights(raw: RawRights | undefined, path: Path, scope: Scope): readonly Right[] {
  if (raw === undefined || raw.length === 0) return NO_RIGHTS;
  return raw.map((each, index) =>
    typeof each === "number" ? { kind: "gid", gid: each } : { kind: "permission", name: scope.permission(each, [...path, index]) },
  );
}

/** Shared by all that have none. */
const NO_RIGHTS: readonly Right[] = [];

export function resolvePermission(name: string, raw: RawPermission, origin: Origin, scope: Scope): PermissionDecl {
  const { group, users = [], includes = [] } = raw;
  if (group === undefined && users.length === 0 && includes.length === 0) {
    scope.report.warning([], `nobody has the permission ${name}`, 'give "group", "users" or "includes"');
  }
  return {
    name,
    group,
    users,
    includes: includes.map((reference, index) => scope.permission(reference, ["includes", index])),
    origin,
  };
}
