import { type Effect, Flow } from "../../src/flow/flow.ts";
import { compile, type Finding } from "../../src/flow/program.ts";
import type { Change, Write } from "../../src/model/change.ts";
import type { Condition, Match } from "../../src/model/condition.ts";
import type { Json } from "../../src/model/json.ts";
import type { BranchField, SignalDecl, StateDecl, UnitSet } from "../../src/model/unit-set.ts";
import { unitSet } from "./decls.ts";

/** A flow that runs declarations, behind verbs. */

/** A condition on a state or signal with restrictions that `S` and `G` have no short form for. */
export function where(kind: "state" | "signal", name: string, ...match: Match[]): Condition {
  return { kind, name, match };
}

/** `["tty:seat", "uid"]`. */
export const fields = (...specs: string[]): BranchField[] =>
  specs.map((spec) => {
    const [target = "", source = target] = spec.split(":");
    return { target, source };
  });

/** Findings as `item path: message (hint)`. */
export function mistakes(given: Partial<UnitSet>): string[] {
  return compile(unitSet(given)).findings.map(describeFinding);
}

function describeFinding({ item, path, message, hint }: Finding): string {
  return `${item} ${path.join(".")}: ${message}${hint === "" ? "" : ` (${hint})`}`;
}

/** A flow that has not booted. Throws on findings. */
export function newFlow(given: Partial<UnitSet>): Flow {
  const { program, findings } = compile(unitSet(given));
  if (findings.length > 0) throw new Error(findings.map(describeFinding).join("\n"));
  return new Flow(program);
}

/** A booted flow behind verbs; each verb is a transaction of one step. */
export function flowRig(states: readonly StateDecl[], signals: readonly SignalDecl[] = [], stored: readonly Write[] = []) {
  const flow = newFlow({ states, signals });
  const booted = flow.boot(stored);
  const step = (...changes: Change[]) => flow.step(changes, new Set());
  return {
    flow,
    booted,
    step,
    set: (name: string, payload?: Json) => step({ op: "set", state: name, payload, replace: false }),
    replace: (name: string, payload: Json) => step({ op: "set", state: name, payload, replace: true }),
    unset: (name: string, filter?: Json) => step({ op: "unset", state: name, filter }),
    emit: (name: string, payload?: Json) => step({ op: "emit", signal: name, payload }),
    answer: (name: string, payload: Json | undefined) => step({ op: "auto", state: name, payload }),
    /** Payloads of the branches, in their order. */
    of: (name: string): Json[] => [...flow.branches(name).values()],
  };
}

/** Facts in short: `A=id {...}`, `A-id`, `!x payload`. */
export function brief(effects: readonly Effect[]): string[] {
  return effects.map(({ fact }) => {
    if (fact.kind === "signal") return `!${fact.name} ${JSON.stringify(fact.payload)}`;
    return fact.after === undefined ? `${fact.name}-${fact.key}` : `${fact.name}=${fact.key} ${JSON.stringify(fact.after)}`;
  });
}
