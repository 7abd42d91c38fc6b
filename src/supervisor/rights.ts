import type { PermissionDecl, Right, UnitSet } from "../model/unit-set.ts";

/** Whom a right is asked for, by the kernel's word. */
export interface Claimant {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
}

/** Numbers of users and groups by their names; undefined: there is none. */
export interface AccountNumbers {
  uidOf(user: string): number | undefined;
  gidOf(group: string): number | undefined;
}

/** What rights mean: the permissions that are declared, by name, and the users and groups of the system. */
export interface RightsGround {
  readonly permissions: ReadonlyMap<string, PermissionDecl>;
  readonly accounts: AccountNumbers;
}

/**
 * Whether somebody has one of these rights (SPEC 12): membership in a group, by its number; or a permission, which have the members of its group, its
 * users, and who has one of those that it includes. What is declared nowhere, and a user or group that there is not, gives nothing to anybody.
 */
export function hasOneOf(rights: readonly Right[], claimant: Claimant, { permissions, accounts }: RightsGround): boolean {
  // permissions that include each other are each looked at once
  const asked = new Set<string>();
  const isIn = (gid: number | undefined): boolean => gid !== undefined && (claimant.gid === gid || claimant.groups.includes(gid));
  const has = (name: string): boolean => {
    const decl = asked.has(name) ? undefined : permissions.get(name);
    if (decl === undefined) return false;
    asked.add(name);
    return (
      (decl.group !== undefined && isIn(accounts.gidOf(decl.group))) ||
      decl.users.some((user) => accounts.uidOf(user) === claimant.uid) ||
      decl.includes.some(has)
    );
  };
  return rights.some((right) => (right.kind === "gid" ? isIn(right.gid) : has(right.name)));
}

/** Rights in words, as an error names them. */
export function describeRights(rights: readonly Right[]): string {
  return rights.map((right) => (right.kind === "gid" ? `group ${right.gid}` : right.name)).join(", ");
}

/** Whether anything in these units is for others than root and the daemon's own user. */
export function givesRights({ permissions, states, signals, services }: UnitSet): boolean {
  const isSomebodys = ({ group, users, includes }: PermissionDecl): boolean =>
    group !== undefined || users.length > 0 || includes.length > 0;
  const lists = [...states, ...signals].map((decl) => decl.permissions).concat(services.map((decl) => decl.managedBy));
  return permissions.some(isSomebodys) || lists.some((rights) => rights.length > 0);
}
