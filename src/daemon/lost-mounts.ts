import type { Diagnostic } from "../errors/unit-error.ts";
import type { MountDecl } from "../model/unit-set.ts";

/** What a reload does not undo: nothing is unmounted, or mounted otherwise, while who knows who uses it. */
export function lostMounts(before: readonly MountDecl[], now: readonly MountDecl[]): readonly Diagnostic[] {
  const byName = new Map(now.map((mount) => [mount.name, mount]));
  return before.flatMap((mount) => {
    const next = byName.get(mount.name);
    if (next !== undefined && textOf(next) === textOf(mount)) return [];
    const how = next === undefined ? "is declared no more, and stays mounted" : "has changed, and stays as it is";
    return [
      {
        severity: "warning" as const,
        file: (next ?? mount).origin?.file ?? "",
        line: (next ?? mount).origin?.line ?? 1,
        column: 1,
        message: `mount ${mount.name} on ${mount.target} ${how} until the machine ends`,
        hint: next === undefined ? `umount ${mount.target} takes it away now` : "the next boot mounts it anew",
      },
    ];
  });
}

function textOf({ source, target, fstype, flags, data }: MountDecl): string {
  return JSON.stringify([source, target, fstype, flags, data]);
}
