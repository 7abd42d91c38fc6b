import { isJsonObject, type Json } from "../../model/json.ts";
import type { Hook, HookPayload } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawHook } from "../schema/hook.ts";
import type { Scope } from "../scope.ts";
import { looksLikeReference, resolveReference } from "./references.ts";

/** The triggers under `key`, in order. What names nothing is reported and left out. */
export function resolveHooks(raw: readonly RawHook[] | undefined, key: string, scope: Scope): readonly Hook[] {
  if (raw === undefined || raw.length === 0) return NO_HOOKS;
  return raw.flatMap((each, index) => resolveHook(each, [key, index], scope) ?? []);
}

/** Shared by all that have none. */
const NO_HOOKS: readonly Hook[] = [];

function resolveHook(raw: RawHook, path: Path, scope: Scope): Hook | undefined {
  const when = raw.when ?? "always";
  if ("signal" in raw) {
    const signal = ours(scope.fact(raw.signal, "signal", [...path, "signal"])?.name, [...path, "signal"], scope);
    const payload = hookPayload(raw.payload, [...path, "payload"], scope);
    return signal === undefined || payload === undefined ? undefined : { when, kind: "emit", signal, payload };
  }
  if ("state" in raw) return stateHook(raw, when, path, scope);
  if ("service" in raw) {
    const service = scope.service(raw.service, [...path, "service"]);
    return service === undefined ? undefined : { when, kind: "service", service, action: raw.action ?? "stop" };
  }
  if ("script" in raw) return { when, kind: "command", program: "sh", args: ["-c", raw.script] };
  if ("exec" in raw) return { when, kind: "command", program: scope.program(raw.exec, [...path, "exec"]), args: raw.args ?? [] };
  return undefined;
}

function stateHook(raw: Extract<RawHook, { state: string }>, when: Hook["when"], path: Path, scope: Scope): Hook | undefined {
  const state = ours(scope.state(raw.state, [...path, "state"]), [...path, "state"], scope);
  if (state === undefined) return undefined;
  if ("unset" in raw) return { when, kind: "unset", state, filter: raw.filter };
  const payload = hookPayload("payload" in raw ? raw.payload : undefined, [...path, "payload"], scope);
  return payload === undefined ? undefined : { when, kind: "set", state, payload };
}

/** The name of what a hook is to change; undefined where that is the system's. */
function ours(name: string | undefined, path: Path, scope: Scope): string | undefined {
  if (name === undefined || !scope.units.names.isImported(name)) return name;
  scope.report.error(path, `"${name}" is the system's, which can be read here and not changed`, "a state or signal of your own units");
  return undefined;
}

/** A text is delivered as it is, whatever it looks like; only `{ from = ... }` refers to something. */
function hookPayload(raw: Json | undefined, path: Path, scope: Scope): HookPayload | undefined {
  if (raw === undefined) return { kind: "none" };
  const from = isJsonObject(raw) && Object.keys(raw).length === 1 && Object.hasOwn(raw, "from") ? raw["from"] : undefined;
  if (from === "exit") return { kind: "exit" };
  if (typeof from !== "string" || !looksLikeReference(from)) return { kind: "value", value: raw };
  const reference = resolveReference(from, [...path, "from"], scope);
  return reference === undefined ? undefined : { kind: "reference", reference };
}
