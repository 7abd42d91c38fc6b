/** `[[state]]` and `[[signal]]`: from what is written to what the flow engine takes. */
import type { ActivateOnNone, AutoPayload, BranchField, Origin, SignalDecl, StateDecl, SubscriberDecl } from "../../model/unit-set.ts";
import { itemOf } from "../names.ts";
import type { Path } from "../problem.ts";
import type { RawSignal } from "../schema/signal.ts";
import type { RawState } from "../schema/state.ts";
import type { Scope } from "../scope.ts";
import { resolveConditions } from "./conditions.ts";
import { resolveRights } from "./permissions.ts";

export function resolveState(name: string, raw: RawState, origin: Origin, scope: Scope): StateDecl {
  return {
    name,
    payload: raw.payload,
    branch: branchFields(raw.branch, scope),
    after: resolveConditions(raw.after, ["after"], scope),
    activateOnNone: (raw["activate-on-none"] ?? []).flatMap((each, index) => blocker(each, ["activate-on-none", index], scope)),
    stopOn: resolveConditions(raw["stop-on"], ["stop-on"], scope),
    autoPayload: autoPayload(raw["auto-payload"], scope),
    persist: persistOf(name, raw.persist),
    subscribers: subscriberSockets(raw.subscribers, scope),
    permissions: resolveRights(raw.permissions, ["permissions"], scope),
    implied: false,
    origin,
  };
}

export function resolveSignal(name: string, raw: RawSignal, origin: Origin, scope: Scope): SignalDecl {
  return {
    name,
    payload: raw.payload,
    branch: branchFields(raw.branch, scope),
    after: resolveConditions(raw.after, ["after"], scope),
    subscribers: subscriberSockets(raw.subscribers, scope),
    permissions: resolveRights(raw.permissions, ["permissions"], scope),
    implied: false,
    origin,
  };
}

function branchFields(raw: readonly string[] | undefined, scope: Scope): BranchField[] {
  const fields = (raw ?? []).map(branchField);
  fields.forEach(({ target }, index) => {
    const first = fields.findIndex((field) => field.target === target);
    if (first < index) scope.report.error(["branch", index], `the field "${target}" is given twice`);
  });
  return fields;
}

function branchField(text: string): BranchField {
  const [target = text, source = target] = text.split(":");
  return { target, source };
}

function blocker(raw: NonNullable<RawState["activate-on-none"]>[number], path: Path, scope: Scope): ActivateOnNone[] {
  const entry =
    typeof raw === "string"
      ? { reference: raw, at: path, branch: undefined }
      : { reference: raw.state, at: [...path, "state"], branch: raw.branch };
  const state = scope.state(entry.reference, entry.at);
  return state === undefined ? [] : [{ state, branch: entry.branch === undefined ? undefined : branchField(entry.branch) }];
}

function autoPayload(raw: RawState["auto-payload"], scope: Scope): AutoPayload | undefined {
  if (raw === undefined) return undefined;
  const { insert } = raw;
  return {
    eval: scope.program(raw.eval, ["auto-payload", "eval"]),
    args: raw.args ?? [],
    insert: insert === "root" ? { kind: "root" } : { kind: "keys", keys: typeof insert === "string" ? [insert] : insert },
  };
}

function persistOf(name: string, raw: boolean | "boot"): StateDecl["persist"] {
  if (raw === false || itemOf(name).startsWith("_")) return "memory";
  return raw === "boot" ? "boot" : "disk";
}

function subscriberSockets(raw: RawState["subscribers"], scope: Scope): SubscriberDecl[] {
  return (raw ?? []).flatMap(({ options, permissions }, i) => {
    const rights = resolveRights(permissions, ["subscribers", i, "permissions"], scope);
    return options.map((path, j) => ({ path: scope.path(path, ["subscribers", i, "options", j]), permissions: rights }));
  });
}
