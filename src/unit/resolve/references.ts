/** References to values (SPEC 6.8): `state:NAME/path|fallback`, `state:$`, `signal:$`, `var:NAME`; anything else is literal text. */
import { isName } from "../../model/name.ts";
import type { Reference } from "../../model/unit-set.ts";
import type { Path } from "../problem.ts";
import type { Scope } from "../scope.ts";

/** Whether `text` is a reference by its look. */
export function looksLikeReference(text: string): boolean {
  return /^(state:|var:|signal:\$(?:[/|]|$))/.test(text);
}

/** undefined: an error was reported, or the first pass cannot tell yet. */
export function resolveReference(text: string, path: Path, scope: Scope): Reference | undefined {
  if (!looksLikeReference(text)) return { kind: "literal", text };
  const bar = text.indexOf("|");
  const fallback = bar < 0 ? undefined : text.slice(bar + 1);
  const whole = bar < 0 ? text : text.slice(0, bar);
  const colon = whole.indexOf(":");
  const kind = whole.slice(0, colon);
  const slash = whole.indexOf("/");
  const name = whole.slice(colon + 1, slash < 0 ? undefined : slash);
  const steps = slash < 0 ? [] : whole.slice(slash + 1).split(/[/.]/);
  if (kind === "var") return variableReference(whole.slice(colon + 1), fallback, path, scope);
  if (steps.includes("")) {
    scope.report.error(path, `the path in "${whole}" has an empty step`, "write state:NAME/field/field");
    return undefined;
  }
  if (name === "$")
    return kind === "state" ? { kind: "own-branch", path: steps, fallback } : { kind: "start-signal", path: steps, fallback };
  const found = stateAndPath(name, steps, path, scope);
  return found === undefined ? undefined : { kind: "state", ...found, fallback };
}

function variableReference(reference: string, fallback: string | undefined, path: Path, scope: Scope): Reference | undefined {
  const name = scope.variable(reference, path);
  return name === undefined ? undefined : { kind: "variable", name, fallback };
}

/** `A@B` is a state, or, where there is none of that name, path `B` of the state `A`. */
function stateAndPath(
  written: string,
  steps: readonly string[],
  path: Path,
  scope: Scope,
): { name: string; path: readonly string[] } | undefined {
  const at = written.indexOf("@");
  const state = at < 0 ? written : written.slice(0, at);
  const inside = at < 0 ? "" : written.slice(at + 1);
  if (!isName(state) || (at >= 0 && inside === "")) {
    scope.report.error(path, `"state:${written}" names no state`, "write state:NAME or state:NAME/field");
    return undefined;
  }
  const isWhole = at < 0 || (isName(inside) && scope.isState(written, state, path));
  if (isWhole === undefined) return undefined;
  const name = scope.state(isWhole ? written : state, path);
  if (name === undefined) return undefined;
  return { name, path: isWhole ? steps : [...inside.split("."), ...steps] };
}
