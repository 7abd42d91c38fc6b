import type { SignalDecl, StateDecl } from "../model/unit-set.ts";
import type { Findings } from "./findings.ts";
import type { StatePlan } from "./plan.ts";

/** Records over more fields than this do not fit the bit masks that say which of them are there. */
const MAX_FIELDS = 30;

/** Reports what of a state only shows when it is planned. */
export function checkState(decl: StateDecl, plan: StatePlan, findings: Findings): void {
  const error = findings.within("state", decl.name, []);
  checkBranch(decl, decl.payload === "json", findings.within("state", decl.name, ["branch"]));
  if (plan.recursive && plan.kind !== "json" && plan.kind !== "none") {
    error(["after"], `a ${plan.kind} state cannot be in a cycle: ${decl.name} depends on itself`, 'make it `payload = "json"` or "none"');
  }
  for (const [i, { branch }] of decl.activateOnNone.entries()) {
    if (branch === undefined) continue;
    const path = ["activate-on-none", i, "branch"];
    if (!plan.identity.includes(branch.target)) {
      error(path, `${branch.target} is no identity field of ${decl.name}`, `its identity is ${plan.identity.join(", ") || "empty"}`);
    } else if (!hasPositiveSource(plan) && !namesBranch(decl, branch.target)) {
      error(
        path,
        `nothing says which ${branch.target} there are`,
        "give `after` a state that carries it, or an `auto-payload` that names it",
      );
    }
  }
}

export function checkSignal(decl: SignalDecl, findings: Findings): void {
  checkBranch(decl, decl.payload === "json" || decl.payload === "any", findings.within("signal", decl.name, ["branch"]));
}

function checkBranch(
  { name, payload, branch }: Pick<StateDecl, "name" | "payload" | "branch">,
  allowed: boolean,
  error: ReturnType<Findings["within"]>,
): void {
  if (branch.length > 0 && !allowed)
    error([], `only json has branches, and ${name} is ${payload}`, 'leave out `branch` or make it `payload = "json"`');
  if (branch.length > MAX_FIELDS) error([], `${branch.length} fields are too many`, `at most ${MAX_FIELDS} fields tell branches apart`);
}

function hasPositiveSource({ rules }: StatePlan): boolean {
  return rules.some(({ positive }) => positive.some(({ gate }) => !gate));
}

function namesBranch({ autoPayload }: StateDecl, field: string): boolean {
  if (autoPayload === undefined) return false;
  return autoPayload.insert.kind === "root" || autoPayload.insert.keys.includes(field);
}
