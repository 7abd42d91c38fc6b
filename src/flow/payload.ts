import { assertNever } from "../lib/assert-never.ts";
import type { Match } from "../model/condition.ts";
import { isJsonObject, type Json, type JsonObject } from "../model/json.ts";
import type { PayloadKind } from "../model/unit-set.ts";

/*
 * Payloads: compared, spelled, restricted and combined.
 *
 * Invariant: an object is read by its own keys only. Payloads come from strangers, so a field called `constructor` or `__proto__`
 * is data like any other and must neither find nor change anything on a prototype.
 */

export function isJsonArray(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The field of an object; undefined where the payload is no object or lacks the field. */
export function ownField(payload: Json | undefined, field: string): Json | undefined {
  return isJsonObject(payload) && Object.hasOwn(payload, field) ? payload[field] : undefined;
}

/** Equality of values; the order of fields says nothing. `undefined` is absence and equals only itself. */
export function equalJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (isJsonArray(a)) return isJsonArray(b) && a.length === b.length && a.every((value, i) => equalJson(value, b[i]));
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  // no lists of keys: most that is compared differs in its first fields, and every branch that is touched is compared
  let left = 0;
  for (const key in a) {
    if (!Object.hasOwn(a, key)) continue;
    if (!Object.hasOwn(b, key) || !equalJson(a[key], b[key])) return false;
    left++;
  }
  for (const key in b) if (Object.hasOwn(b, key)) left--;
  return left === 0;
}

/** Compact json with sorted keys: equal values have equal texts. */
export function canonicalText(value: Json): string {
  if (isJsonArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key] ?? null)}`);
  return `{${fields.join(",")}}`;
}

/** Compact json with the keys as they came. */
export function compactText(value: Json): string {
  return JSON.stringify(value);
}

/** What `equals` and `contains` look at: text stands for itself, everything else for its compact json. */
export function payloadText(payload: Json): string {
  return typeof payload === "string" ? payload : compactText(payload);
}

/** The text by which identity fields compare: `1` and `"1"` are one. undefined for what cannot identify: also the empty text. */
export function scalarText(value: Json | undefined): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

/** Objects recursively, every array element matches some element, scalars equal without coercion. */
export function isSubset(want: Json, have: Json | undefined): boolean {
  if (isJsonArray(want)) return isJsonArray(have) && want.every((part) => have.some((whole) => isSubset(part, whole)));
  if (!isJsonObject(want)) return want === have;
  return isJsonObject(have) && Object.keys(want).every((key) => isSubset(want[key] ?? null, ownField(have, key)));
}

/** Whether all restrictions hold for a payload of a state or signal of this kind. */
export function matches(match: readonly Match[], payload: Json, kind: PayloadKind): boolean {
  return match.every((one) => matchesOne(one, payload, kind));
}

function matchesOne(match: Match, payload: Json, kind: PayloadKind): boolean {
  switch (match.kind) {
    case "equals":
      return payloadText(payload) === match.text;
    case "contains":
      return payloadText(payload).includes(match.text);
    case "as":
      return isSubset(match.value, payload);
    case "binary":
      return kind === "bytes";
    default:
      return assertNever(match);
  }
}

/** The fields of `over` on top of those of `under`; whatever is no object replaces what was there. */
export function mergePayload(under: Json | undefined, over: Json): Json {
  // A spread defines fields, it does not assign them: `__proto__` becomes an own field here.
  return isJsonObject(under) && isJsonObject(over) ? { ...under, ...over } : over;
}

/** An object of the given fields, safe for every name. */
export function objectOf(entries: Iterable<readonly [string, Json]>): JsonObject {
  return Object.fromEntries(entries);
}

/** What a state or signal carries where nothing was given. */
export function emptyPayload(kind: PayloadKind): Json {
  switch (kind) {
    case "json":
      return {};
    case "string":
    case "bytes":
      return "";
    case "none":
    case "any":
      return null;
    default:
      return assertNever(kind);
  }
}
