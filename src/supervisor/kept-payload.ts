import { compactText, isJsonArray } from "../flow/payload.ts";
import type { Fact } from "../model/fact.ts";
import type { Json } from "../model/json.ts";
import { isPublic } from "./is-public.ts";

/** A payload that is heavier is not remembered whole: a payload may have 1 MiB, and there are thousands of facts. In characters. */
const KEPT_WHOLE = 4_096;
const KEPT_BEGINNING = 200;

/** The fact as history keeps it: itself, or with the beginning of what is too large in place of the payload. */
export function keptFact(fact: Fact): Fact {
  switch (fact.kind) {
    case "signal":
      return isLight(fact.payload) ? fact : { ...fact, payload: beginning(fact.payload) };
    case "state": {
      const { before, after } = fact;
      // of a hidden state only that it changed is ever asked
      if (!isPublic(fact)) return { ...fact, before: before === undefined ? before : null, after: after === undefined ? after : null };
      if (isLight(before) && isLight(after)) return fact;
      return { ...fact, before: isLight(before) ? before : beginning(before), after: isLight(after) ? after : beginning(after) };
    }
    case "phase":
    case "request":
    case "outside":
      return fact;
  }
}

function isLight(payload: Json | undefined): boolean {
  return payload === undefined || remaining(payload, KEPT_WHOLE) >= 0;
}

/** What is left of `budget` characters after this value; negative as soon as it is spent, without looking at the rest. */
function remaining(value: Json, budget: number): number {
  if (typeof value === "string") return budget - value.length;
  if (typeof value !== "object" || value === null) return budget - 4;
  let left = budget;
  if (isJsonArray(value)) {
    for (let i = 0; i < value.length && left >= 0; i++) left = remaining(value[i] ?? null, left - 1);
    return left;
  }
  // no Object.entries: this is done for every fact, and a list for each object would be most of what a fact costs
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    left = remaining(value[key] ?? null, left - key.length);
    if (left < 0) break;
  }
  return left;
}

function beginning(payload: Json | undefined): Json {
  return `${compactText(payload ?? null).slice(0, KEPT_BEGINNING)}… (too large to be remembered whole)`;
}
