import { RejectedError } from "../errors/rind-error.ts";
import { assertNever } from "../lib/assert-never.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { PayloadKind } from "../model/unit-set.ts";
import { keyOfRecord, recordOf, UNNAMED } from "./branch-key.ts";
import { emptyPayload, equalJson, isJsonArray, ownField, scalarText } from "./payload.ts";
import type { SignalPlan, StatePlan } from "./plan.ts";

/*
 * What may be set, unset and emitted, judged before anything is changed. Every `RejectedError` of the flow is made here.
 */

export interface Branch {
  readonly key: string;
  readonly payload: Json;
}

/** The branch that a payload belongs to, with the payload as it is kept. Throws a RejectedError where it does not fit the declaration. */
export function branchFor(plan: StatePlan, given: Json): Branch {
  const payload = fitted(plan.kind, given);
  if (payload === undefined) throw misfit(`state ${plan.name}`, plan.kind, given);
  return { key: plan.kind === "json" ? keyFor(plan, payload) : UNNAMED, payload };
}

/** As `branchFor`, but undefined where the payload does not fit: what commands and disks give is nobody's mistake. */
export function branchIfFit(plan: StatePlan, given: Json): Branch | undefined {
  try {
    return branchFor(plan, given);
  } catch (error) {
    if (error instanceof RejectedError) return undefined;
    throw error;
  }
}

/** The payload of a set that gave none. Throws a RejectedError where the empty one names no branch, and nothing else will. */
export function bareBranch(plan: StatePlan): Branch {
  const payload = emptyPayload(plan.kind);
  return plan.auto ? { key: UNNAMED, payload } : branchFor(plan, payload);
}

/** Whether `bareBranch` has an answer. */
export function canBeBare({ kind, branched, auto }: StatePlan): boolean {
  return auto || kind !== "json" || !branched;
}

/** The payload of a signal as it is emitted. Throws a RejectedError where it does not fit. */
export function signalPayload({ name, kind }: SignalPlan, given: Json | undefined): Json {
  const payload = given === undefined ? emptyPayload(kind) : fitted(kind, given);
  if (payload === undefined) throw misfit(`signal ${name}`, kind, given ?? null);
  return payload;
}

/** What a signal passes on of the payload of another: the payload if it fits, else the empty one. */
export function passedOn(kind: PayloadKind, payload: Json): Json {
  return fitted(kind, payload) ?? emptyPayload(kind);
}

/** Throws a RejectedError for what cannot select branches. */
export function checkFilter(filter: Json | undefined): void {
  if (filter === undefined || typeof filter === "string" || isJsonObject(filter)) return;
  throw new RejectedError(`a filter is an object or a string, not ${describe(filter)}`, {
    hint: 'an object is compared field by field, as in {"id":1}; a string with the whole text',
  });
}

/** Whether what is stored under a key of a state still is what would be stored under it. */
export function isStorable(plan: StatePlan, key: string, payload: Json): boolean {
  if (plan.auto && key === UNNAMED && equalJson(payload, emptyPayload(plan.kind))) return true;
  const branch = branchIfFit(plan, payload);
  return branch !== undefined && branch.key === key && equalJson(branch.payload, payload);
}

/** The payload as a state or signal of this kind keeps it; undefined where it does not fit. */
function fitted(kind: PayloadKind, given: Json): Json | undefined {
  switch (kind) {
    case "any":
      return given;
    case "none":
      return given === null ? null : undefined;
    case "json":
      return isJsonObject(given) || isJsonArray(given) ? given : undefined;
    case "string":
      return typeof given === "string" ? given : scalarText(given);
    case "bytes":
      return typeof given === "string" && isBase64(given) ? given : undefined;
    default:
      return assertNever(kind);
  }
}

function keyFor({ name, identity, branched }: StatePlan, payload: Json): string {
  const record = recordOf(payload, identity);
  for (let i = 0; i < identity.length; i++) {
    const field = identity[i];
    const value = record[i] !== undefined || field === undefined ? undefined : ownField(payload, field);
    if (value === undefined) continue;
    throw new RejectedError(`state ${name}: the field ${field} is ${describe(value)}, which cannot tell branches apart`, {
      hint: "it must be a non-empty string, a number or a boolean",
    });
  }
  const key = keyOfRecord(record);
  if (key !== undefined && (key !== UNNAMED || !branched)) return key;
  const missing = identity.filter((_, i) => record[i] === undefined);
  throw new RejectedError(`state ${name}: the payload lacks the field ${missing.join(", ")}`, {
    hint: `its branches are told apart by ${identity.join(", ")}`,
  });
}

function misfit(what: string, kind: PayloadKind, given: Json): RejectedError {
  return new RejectedError(`${what} takes ${EXPECTED[kind]}, not ${describe(given)}`, { hint: HINTS[kind] });
}

const EXPECTED: Readonly<Record<PayloadKind, string>> = {
  json: "a json object",
  string: "a string",
  bytes: "bytes in base64",
  none: "no payload",
  any: "any payload",
};

const HINTS: Readonly<Record<PayloadKind, string>> = {
  json: 'a bare value needs `payload = "any"` or "string" in its declaration',
  string: 'objects and lists need `payload = "json"` in its declaration',
  bytes: "base64 has A-Z, a-z, 0-9, + and / in groups of four, the last one filled up with =",
  none: "leave the payload out",
  any: "",
};

function describe(value: Json): string {
  if (isJsonArray(value)) return "a list";
  if (isJsonObject(value)) return "an object";
  if (value === "") return "the empty string";
  return typeof value === "string" ? "a string" : String(value);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}
