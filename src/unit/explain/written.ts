/** Conditions, references and hooks as they are written in unit files: the way back from what the loader makes of them. */
import type { Condition, Match } from "../../model/condition.ts";
import { instanceName } from "../../model/name.ts";
import type { Json, JsonObject } from "../../model/json.ts";
import type { BranchField, Hook, HookPayload, Reference, TransportDecl } from "../../model/unit-set.ts";

export function writtenCondition(condition: Condition): Json {
  switch (condition.kind) {
    case "state":
      return condition.match.length === 0 ? condition.name : { state: condition.name, ...restrictions(condition.match) };
    case "signal":
      return condition.match.length === 0 ? condition.name : { signal: condition.name, ...restrictions(condition.match) };
    case "service":
      return { service: instanceName(condition.name, condition.key ?? ""), is: condition.is };
    case "not":
      return { not: writtenCondition(condition.of) };
    case "any":
      return { any: condition.of.map(writtenCondition) };
    case "all":
      return { all: condition.of.map(writtenCondition) };
  }
}

/** There are two places for them; a text has one for itself. */
function restrictions(match: readonly Match[]): JsonObject {
  const [text, ...texts] = match.flatMap((one) => (one.kind === "equals" ? [one.text] : []));
  const table: Record<string, Json> = {};
  for (const one of match) {
    if (one.kind === "contains") table["contains"] = one.text;
    if (one.kind === "as") table["as"] = one.value;
    if (one.kind === "binary") table["binary"] = true;
  }
  const targets: readonly Json[] = [...(text === undefined ? [] : [text]), ...texts, ...(Object.keys(table).length === 0 ? [] : [table])];
  const [target, branch] = targets;
  return { ...(target === undefined ? {} : { target }), ...(branch === undefined ? {} : { branch }) };
}

export function writtenField({ target, source }: BranchField): string {
  return target === source ? target : `${target}:${source}`;
}

export function writtenTransport({ id, options, required }: TransportDecl): JsonObject {
  const between = id === "env" ? "=" : "";
  return { id, options: options.map(({ prefix, value }) => `${prefix}${between}${writtenReference(value)}`), required };
}

function writtenReference(reference: Reference): string {
  if (reference.kind === "literal") return reference.text;
  const fallback = reference.fallback === undefined ? "" : `|${reference.fallback}`;
  if (reference.kind === "variable") return `var:${reference.name}${fallback}`;
  const head = { state: "state:", "own-branch": "state:$", "start-signal": "signal:$" }[reference.kind];
  const name = reference.kind === "state" ? reference.name : "";
  return `${[`${head}${name}`, ...reference.path].join("/")}${fallback}`;
}

export function writtenHook(hook: Hook): JsonObject {
  const when: JsonObject = hook.when === "always" ? {} : { when: hook.when };
  switch (hook.kind) {
    case "emit":
      return { signal: hook.signal, ...writtenPayload(hook.payload), ...when };
    case "set":
      return { state: hook.state, ...writtenPayload(hook.payload), ...when };
    case "unset":
      return { state: hook.state, unset: true, ...(hook.filter === undefined ? {} : { filter: hook.filter }), ...when };
    case "service":
      return { service: hook.service, action: hook.action, ...when };
    case "command":
      return { exec: hook.program, args: hook.args, ...when };
  }
}

function writtenPayload(payload: HookPayload): JsonObject {
  switch (payload.kind) {
    case "none":
      return {};
    case "value":
      return { payload: payload.value };
    case "exit":
      return { payload: { from: "exit" } };
    case "reference":
      return { payload: { from: writtenReference(payload.reference) } };
  }
}
