/**
 * Which names there are, and what a name written in a unit file means. A bare name is looked for in the same file, then anywhere; built-in
 * names yield to those of the system's daemon, and these to declared ones. Kinds of items do not disturb each other here: what kinds a place takes is the caller's affair.
 */
import { nearestName } from "../lib/nearest-name.ts";
import type { ImportDecl } from "../model/unit-set.ts";
import { SECTIONS, type Section } from "./schema/sections.ts";

export type Kind = Section;

export type Found =
  | { readonly kind: "one"; readonly of: Kind; readonly name: string }
  | { readonly kind: "none" }
  /** A bare name that several files declare. */
  | { readonly kind: "many"; readonly names: readonly string[] };

/** To look for the nearest name means to compare with every declared one, and thousands of missing ones are no misspellings. */
const MAX_SUGGESTIONS = 200;

export class Names {
  readonly #full = new Map<Kind, Set<string>>(SECTIONS.map((kind) => [kind, new Set()]));
  readonly #byItem = new Map<string, string[]>();
  readonly #builtIn = new Set<string>();
  readonly #imported = new Map<string, ImportDecl>();
  readonly #leftOut = new Set<string>();
  readonly #omitted = new Set<string>();
  readonly #unread = new Set<string>();
  #mayLackSome = false;
  readonly #suggested = new Map<string, string | undefined>();

  add(kind: Kind, name: string): void {
    if (this.#full.get(kind)?.has(name) === true) return;
    this.#full.get(kind)?.add(name);
    const id = itemId(kind, itemOf(name));
    const same = this.#byItem.get(id);
    if (same === undefined) this.#byItem.set(id, [name]);
    else same.push(name);
  }

  addBuiltIn(kind: "state" | "signal" | "permission", name: string): void {
    this.add(kind, name);
    this.#builtIn.add(name);
  }

  /** A state or signal of the system's daemon (SPEC 6.9). */
  addImported(decl: ImportDecl): void {
    this.add(decl.kind, decl.name);
    this.#imported.set(decl.name, decl);
  }

  get imports(): readonly ImportDecl[] {
    return [...this.#imported.values()];
  }

  /** Remembers a name that is declared and switched off, for the messages about it. */
  leaveOut(name: string): void {
    this.#leftOut.add(name);
  }

  isLeftOut(name: string): boolean {
    return this.#leftOut.has(name);
  }

  /** This item has errors, and the rest is to run without it: its name means what it says, and there is nothing behind it. */
  addOmitted(kind: Kind, name: string): void {
    this.add(kind, name);
    this.#omitted.add(itemId(kind, name));
  }

  isOmitted(kind: Kind, name: string): boolean {
    return this.#omitted.has(itemId(kind, name));
  }

  /** The items of a group are not all known: one of its files could not be read. */
  addUnread(group: string): void {
    this.#unread.add(group);
  }

  /** Not every item of every file is known: what is declared nowhere may be declared all the same. */
  lackSome(): void {
    this.#mayLackSome = true;
  }

  get mayLackSome(): boolean {
    return this.#mayLackSome;
  }

  /** What `reference` names may lie in a file that could not be read: that it is not found says nothing. */
  mayBeUnread(reference: string): boolean {
    const at = reference.indexOf("@");
    return at < 0 ? this.#unread.size > 0 : this.#unread.has(reference.slice(0, at));
  }

  /** The full name of what lies in a file that could not be read. */
  unreadName(reference: string, group: string): string {
    return inGroup(reference, this.#unread.has(group) ? group : ([...this.#unread][0] ?? group));
  }

  isBuiltIn(name: string): boolean {
    return this.#builtIn.has(name);
  }

  /** Whether it is told by the system's daemon: to be read here, and to be changed there. */
  isImported(name: string): boolean {
    return this.#imported.has(name);
  }

  all(kind: Kind): ReadonlySet<string> {
    return this.#full.get(kind) ?? new Set();
  }

  has(kind: Kind, name: string): boolean {
    return this.all(kind).has(name);
  }

  /** What `reference`, written in the file of `group`, means among the items of `kinds`. */
  find(kinds: readonly Kind[], reference: string, group: string): Found {
    const own = inGroup(reference, group);
    const of = kinds.find((kind) => this.has(kind, own));
    if (of !== undefined) return { kind: "one", of, name: own };
    if (reference.includes("@")) return { kind: "none" };
    const everywhere = kinds.flatMap((kind) => (this.#byItem.get(itemId(kind, reference)) ?? []).map((name) => ({ of: kind, name })));
    const ranks = everywhere.map(({ name }) => this.#rank(name));
    const best = Math.min(...ranks);
    return one(everywhere.filter((_, i) => ranks[i] === best));
  }

  /** Of those that a bare name may mean, the ones of the lowest rank are meant. */
  #rank(name: string): number {
    if (this.#imported.has(name)) return 1;
    return this.#builtIn.has(name) ? 2 : 0;
  }

  /** The name of one of `kinds` that was probably meant, in full. */
  nearest(kinds: readonly Kind[], reference: string, group: string): string | undefined {
    const id = JSON.stringify([kinds, reference, group]);
    if (!this.#suggested.has(id) && this.#suggested.size < MAX_SUGGESTIONS)
      this.#suggested.set(id, this.#findNearest(kinds, reference, group));
    return this.#suggested.get(id);
  }

  #findNearest(kinds: readonly Kind[], reference: string, group: string): string | undefined {
    const full = kinds.flatMap((kind) => [...this.all(kind)]);
    if (reference.includes("@")) return nearestName(reference, full);
    const item = nearestName(reference, full.map(itemOf));
    if (item === undefined) return undefined;
    const own = inGroup(item, group);
    return full.includes(own) ? own : full.find((name) => itemOf(name) === item);
  }
}

/** The full name of what is written in the file of `group`. */
export function inGroup(reference: string, group: string): string {
  return reference.includes("@") ? reference : `${group}@${reference}`;
}

/** What to say where a reference to one of `kind` finds nothing, or too much. */
export function describeMissing(
  kind: Kind,
  reference: string,
  group: string,
  found: Found,
  names: Names,
): { message: string; hint: string } {
  if (found.kind === "many") return describeAmbiguous(reference, found.names);
  const nearest = names.nearest([kind], reference, group);
  return { message: `no ${kind} "${reference}" is declared`, hint: nearest === undefined ? "" : `did you mean "${nearest}"?` };
}

export function describeAmbiguous(reference: string, names: readonly string[]): { message: string; hint: string } {
  return { message: `"${reference}" can mean ${names.map((name) => `"${name}"`).join(" or ")}`, hint: "write the full name" };
}

export function itemOf(name: string): string {
  return name.slice(name.indexOf("@") + 1);
}

function itemId(kind: Kind, item: string): string {
  return `${kind} ${item}`;
}

function one(candidates: readonly { readonly of: Kind; readonly name: string }[]): Found {
  const [first, ...rest] = candidates;
  if (first === undefined) return { kind: "none" };
  return rest.length === 0 ? { kind: "one", ...first } : { kind: "many", names: candidates.map(({ name }) => name) };
}
