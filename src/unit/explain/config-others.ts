/** As `config.ts`, of permissions, mounts and networks. */
import type { JsonObject } from "../../model/json.ts";
import type { MountDecl, NetworkDecl, PermissionDecl, Right } from "../../model/unit-set.ts";
import { itemOf } from "../names.ts";
import { given } from "./given.ts";

export function permissionConfig({ name, group, users, includes }: PermissionDecl): JsonObject {
  return given({ name: itemOf(name), group, users, includes });
}

export function mountConfig({ name, source, target, fstype, flags, data, create, after }: MountDecl): JsonObject {
  return { name: itemOf(name), source, target, fstype, flags, data, create, after };
}

export function networkConfig(decl: NetworkDecl): JsonObject {
  const { name, method, address, gateway, dns, route } = decl;
  return given({
    name: itemOf(name),
    interface: decl.interface,
    method,
    address,
    gateway,
    dns,
    route: route.map(({ to, via }) => given({ to, via })),
  });
}

/** `permissions` and `managed-by`. */
export function rightsConfig(rights: readonly Right[]): (string | number)[] {
  return rights.map((right) => (right.kind === "gid" ? right.gid : right.name));
}
