/**
 * The lists of services that a service is ordered by (SPEC 6.2). Owns what a name with a suffix means: `db@started` is the service of that
 * name where there is one, else the service `db` that has started.
 */
import type { ServiceIs } from "../../model/condition.ts";
import type { OrderItem, RequiredItem } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawOrderItem } from "../schema/order.ts";
import type { Scope } from "../scope.ts";

/** An item of a list with its place. */
export interface PlacedItem extends RequiredItem {
  readonly path: Path;
  /** Whether `is` was written, and not only its default. */
  readonly explicit: boolean;
}

type OrderKey = "after" | "before" | "requires" | "wants" | "conflicts";

const SUFFIXES: Readonly<Record<string, ServiceIs>> = {
  started: "started",
  ready: "ready",
  completed: "completed",
  complete: "completed",
  succeeded: "succeeded",
};
const KNOWN_SUFFIXES = "known here: @started, @ready, @completed, @succeeded";

/** The items of the list under `key` of the service `self`. What names nothing, or `self`, is reported and left out. */
export function resolveOrder(raw: readonly RawOrderItem[] | undefined, key: OrderKey, self: string, scope: Scope): readonly PlacedItem[] {
  if (raw === undefined || raw.length === 0) return NO_ITEMS;
  return raw.flatMap((each, index) => orderItem(each, key, self, [key, index], scope) ?? []);
}

/** Shared by all that have none. */
const NO_ITEMS: readonly PlacedItem[] = [];
const NO_NAMES: readonly string[] = [];

/** Without where they are written. */
export function plain(items: readonly PlacedItem[]): readonly OrderItem[] {
  return items.length === 0 ? NO_ITEMS : items.map(({ service, is }) => ({ service, is }));
}

export function names(items: readonly PlacedItem[]): readonly string[] {
  return items.length === 0 ? NO_NAMES : items.map(({ service }) => service);
}

export function required(items: readonly PlacedItem[]): readonly RequiredItem[] {
  return items.length === 0 ? NO_ITEMS : items.map(({ service, is, onLoss }) => ({ service, is, onLoss }));
}

function orderItem(raw: RawOrderItem, key: OrderKey, self: string, path: Path, scope: Scope): PlacedItem | undefined {
  const isText = typeof raw === "string";
  const named = isText ? splitSuffix(raw, path, scope) : { reference: raw.service, is: raw.is };
  if (named === undefined) return undefined;
  const at = isText ? path : [...path, "service"];
  const isSoft = key === "wants" || key === "conflicts";
  const service = isSoft
    ? scope.presentService(named.reference, at)
    : key === "requires"
      ? scope.awaitedService(named.reference, at)
      : scope.service(named.reference, at);
  if (service === undefined) return undefined;
  if (service === self) {
    scope.report.error(at, `${self} names itself`, "a service cannot depend on itself");
    return undefined;
  }
  const onLoss = isText ? undefined : raw["on-loss"];
  if (onLoss !== undefined && key !== "requires") {
    scope.report.warning([...path, "on-loss"], `"on-loss" means nothing in "${key}": only what is required can be lost`);
  }
  if (named.is !== undefined && key === "conflicts") {
    scope.report.warning(isText ? path : [...path, "is"], "services that conflict never run together, whatever they are");
  }
  return { service, is: named.is ?? "ready", onLoss: onLoss ?? "stop", path: at, explicit: named.is !== undefined };
}

interface Named {
  readonly reference: string;
  readonly is: ServiceIs | undefined;
}

/** undefined: an error was reported. */
function splitSuffix(text: string, path: Path, scope: Scope): Named | undefined {
  const whole: Named = { reference: text, is: undefined };
  const at = text.lastIndexOf("@");
  if (at < 0 || scope.isService(text)) return whole;
  const reference = text.slice(0, at);
  const suffix = text.slice(at + 1);
  if (reference === "") {
    scope.report.error(path, `"${text}" names no service`, `write NAME${text}`);
    return undefined;
  }
  const is = SUFFIXES[suffix];
  if (is !== undefined) return { reference, is };
  if (!reference.includes("@") && !scope.isService(reference)) return whole;
  scope.report.error(path, `"@${suffix}" is nothing that a service can be waited for`, KNOWN_SUFFIXES);
  return undefined;
}
