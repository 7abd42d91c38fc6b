import type { Branching, KeyFilter } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { RawBranching } from "../schema/branching.ts";
import type { Scope } from "../scope.ts";

/** undefined: the service does not branch, or an error was reported. */
export function resolveBranching(raw: RawBranching | undefined, scope: Scope): Branching | undefined {
  if (raw === undefined || !raw.enabled) return undefined;
  const sourceState = scope.sourceState(raw["source-state"], raw.key, ["branching", "source-state"]);
  if (sourceState === undefined) return undefined;
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
