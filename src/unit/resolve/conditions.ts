import type { Condition, Match } from "../../model/condition.ts";
import { splitInstance, WHOLE } from "../../model/name.ts";
import type { Path } from "../problem.ts";
import type { RawCondition, RawTarget } from "../schema/condition.ts";
import type { Scope } from "../scope.ts";

/** The conditions of one list, with names in full. What names nothing is reported and left out. */
export function resolveConditions(raw: readonly RawCondition[] | undefined, path: Path, scope: Scope): readonly Condition[] {
  if (raw === undefined || raw.length === 0) return NO_CONDITIONS;
  return raw.flatMap((each, index) => resolveCondition(each, [...path, index], scope) ?? []);
}

/** Shared by all that have none. */
const NO_CONDITIONS: readonly Condition[] = [];
const NO_MATCHES: readonly Match[] = [];

function resolveCondition(raw: RawCondition, path: Path, scope: Scope): Condition | undefined {
  if (typeof raw === "string") return restricted(scope.fact(raw, "either", path), NO_MATCHES);
  if ("state" in raw) return restricted(scope.fact(raw.state, "state", [...path, "state"]), matches(raw));
  if ("signal" in raw) return restricted(scope.fact(raw.signal, "signal", [...path, "signal"]), matches(raw));
  if ("any" in raw) return { kind: "any", of: resolveConditions(raw.any, [...path, "any"], scope) };
  if ("all" in raw) return { kind: "all", of: resolveConditions(raw.all, [...path, "all"], scope) };
  if ("not" in raw) {
    const of = resolveCondition(raw.not, [...path, "not"], scope);
    return of === undefined ? undefined : { kind: "not", of };
  }
  const { service, key } = splitInstance(raw.service);
  const name = scope.awaitedService(service, [...path, "service"]);
  return name === undefined ? undefined : { kind: "service", name, key: key === WHOLE ? undefined : key, is: raw.is ?? "ready" };
}

function restricted(fact: { kind: "state" | "signal"; name: string } | undefined, match: readonly Match[]): Condition | undefined {
  return fact === undefined ? undefined : { kind: fact.kind, name: fact.name, match };
}

function matches({
  target,
  branch,
}: {
  readonly target?: RawTarget | undefined;
  readonly branch?: RawTarget | undefined;
}): readonly Match[] {
  if (target === undefined && branch === undefined) return NO_MATCHES;
  return [target, branch].flatMap((each) => (each === undefined ? [] : matchesOf(each)));
}

function matchesOf(target: RawTarget): Match[] {
  if (typeof target === "string") return [{ kind: "equals", text: target }];
  const found: Match[] = [];
  if (target.contains !== undefined) found.push({ kind: "contains", text: target.contains });
  if (target.as !== undefined) found.push({ kind: "as", value: target.as });
  if (target.binary !== undefined) found.push({ kind: "binary" });
  return found;
}
