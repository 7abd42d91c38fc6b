/**
 * `[[mount]]`, and the order of all of them: each behind its `after` and behind what is mounted above its target, else as declared. Two on one
 * target, and a circle, are mistakes: only one of them could ever be seen, or none be mounted.
 */
import { components, wayBetween } from "../../flow/components.ts";
import type { MountDecl, Origin } from "../../model/unit-set.ts";
import type { Report } from "../problem.ts";
import type { RawMount } from "../schema/mount.ts";
import type { Scope } from "../scope.ts";

/** With these nothing is told the kernel of a type. */
const WITHOUT_TYPE = ["bind", "rbind", "remount", "move"];

export function resolveMount(name: string, raw: RawMount, origin: Origin, scope: Scope): MountDecl {
  const flags = (typeof raw.flags === "string" ? raw.flags.split(",") : (raw.flags ?? [])).map((flag) => flag.trim()).filter(Boolean);
  const untyped = flags.find((flag) => WITHOUT_TYPE.includes(flag));
  if (raw.fstype === undefined && untyped === undefined) {
    scope.report.error([], '"fstype" is missing', 'write fstype = "ext4", or "tmpfs"');
  }
  if (raw.source === undefined && untyped !== undefined && untyped !== "remount") {
    scope.report.error([], '"source" is missing', `with the flag ${untyped} it is a folder`);
  }
  const fstype = raw.fstype ?? "none";
  const source = raw.source ?? fstype;
  const isFolder = untyped !== undefined && untyped !== "remount";
  return {
    name,
    source: isFolder ? scope.path(source, ["source"]) : scope.expand(source, ["source"]),
    target: scope.path(raw.target, ["target"]),
    fstype,
    flags,
    data: scope.expand(raw.data, ["data"]),
    create: raw.create,
    after: (raw.after ?? []).flatMap((reference, index) => afterOf(name, reference, index, scope)),
    origin,
  };
}

function afterOf(self: string, reference: string, index: number, scope: Scope): string[] {
  const name = scope.mount(reference, ["after", index]);
  if (name !== self) return name === undefined ? [] : [name];
  scope.report.error(["after", index], `${self} names itself`, "a mount cannot come after itself");
  return [];
}

/** In the order in which they are mounted. `reportOf`: where the mistakes of a mount go. */
export function orderMounts(mounts: readonly MountDecl[], reportOf: (name: string) => Report): readonly MountDecl[] {
  const byTarget = new Map<string, MountDecl>();
  const kept: MountDecl[] = [];
  for (const mount of mounts) {
    const isRemount = mount.flags.includes("remount");
    const first = byTarget.get(mount.target);
    if (isRemount || first === undefined) kept.push(mount);
    else reportOf(mount.name).error(["target"], `${first.name} is mounted on ${mount.target} already`, "each has a target of its own");
    if (!isRemount && first === undefined) byTarget.set(mount.target, mount);
  }
  const names = new Set(kept.map(({ name }) => name));
  const inputs = new Map(kept.map((mount) => [mount.name, [...mount.after, ...above(mount, byTarget)].filter((name) => names.has(name))]));
  reportCircles(inputs, reportOf);
  return sorted(kept, inputs);
}

/** What is mounted on a folder above its target; of a remount, what it changes. */
function above({ name, target }: MountDecl, byTarget: ReadonlyMap<string, MountDecl>): string[] {
  const found: string[] = [];
  for (let at = target; ; at = at.slice(0, at.lastIndexOf("/"))) {
    const mount = byTarget.get(at === "" ? "/" : at);
    if (mount !== undefined && mount.name !== name) found.push(mount.name);
    if (at === "" || at === "/") return found;
  }
}

function reportCircles(inputs: ReadonlyMap<string, readonly string[]>, reportOf: (name: string) => Report): void {
  const inputsOf = (name: string): readonly string[] => inputs.get(name) ?? [];
  for (const group of components(inputs.keys(), inputsOf)) {
    const [first = ""] = group;
    if (group.length < 2) continue;
    const circle = wayBetween(first, first, group, inputsOf).join(" -> ");
    reportOf(first).error(["after"], `a cycle of mounts: ${circle}`, "what is mounted above a target goes before it");
  }
}

/** Again and again the first of those for which nothing is missing any more. Circles, which were told, lose what is left. */
function sorted(mounts: readonly MountDecl[], inputs: ReadonlyMap<string, readonly string[]>): MountDecl[] {
  const placed = new Set<string>();
  const order: MountDecl[] = [];
  while (order.length < mounts.length) {
    const next = mounts.find(({ name }) => !placed.has(name) && (inputs.get(name) ?? []).every((input) => placed.has(input)));
    if (next === undefined) return order;
    placed.add(next.name);
    order.push(next);
  }
  return order;
}
