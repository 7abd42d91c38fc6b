import type { Branching, KeyFilter, PayloadKind } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawBranching } from "../schema/branching.ts";
import type { Scope } from "../scope.ts";

/** undefined: the service does not branch, or an error was reported. */
export function resolveBranching(
  raw: RawBranching | undefined,
  payloadOf: (state: string) => PayloadKind | undefined,
  scope: Scope,
): Branching | undefined {
  if (raw === undefined || !raw.enabled) return undefined;
  const path: Path = ["branching", "source-state"];
  const sourceState = scope.sourceState(raw["source-state"], raw.key, path);
  if (sourceState === undefined) return undefined;
  const payload = payloadOf(sourceState) ?? "json";
  if (payload !== "json") scope.report.error(path, `the payload of "${sourceState}" is ${payload}, and only json has fields to branch on`);
  return {
    sourceState,
    key: raw.key,
    maxInstances: raw["max-instances"] ?? Number.POSITIVE_INFINITY,
    only: filters(raw.only, ["branching", "only"], scope),
    except: filters(raw.except, ["branching", "except"], scope),
  };
}

function filters(raw: readonly string[] | undefined, path: Path, scope: Scope): KeyFilter[] {
  return (raw ?? []).flatMap((text, index) => filterOf(text, [...path, index], scope) ?? []);
}

function filterOf(text: string, path: Path, scope: Scope): KeyFilter | undefined {
  const [prefix, reference] = splitPrefix(text);
  if (prefix === undefined) return { kind: "text", text };
  const name = prefix === "state" ? scope.state(reference, path) : scope.variable(reference, path);
  return name === undefined ? undefined : { kind: prefix === "state" ? "state" : "variable", name };
}

function splitPrefix(text: string): ["state" | "var" | undefined, string] {
  if (text.startsWith("state:")) return ["state", text.slice("state:".length)];
  if (text.startsWith("var:")) return ["var", text.slice("var:".length)];
  return [undefined, text];
}
