import type { ActivateOnNone, BranchField, PayloadKind } from "../model/unit-set.ts";
import type { Conjunction, Literal } from "./condition.ts";
import type { BlockPlan, RulePlan, StatePlan } from "./plan.ts";

/** A state on its way to a plan: its lists are in normal form, what depends on other states is still open. */
export interface StateDraft {
  readonly name: string;
  readonly kind: PayloadKind;
  readonly branch: readonly BranchField[];
  /** Of `after`; undefined: it was not given. */
  readonly after: readonly Conjunction[] | undefined;
  readonly stopOn: readonly Conjunction[];
  readonly activateOnNone: readonly ActivateOnNone[];
  readonly persist: StatePlan["persist"];
  /** The identity of an imported state, as the system has it; undefined: it is not imported. */
  readonly imported: readonly string[] | undefined;
  readonly hidden: boolean;
  readonly auto: boolean;
  /** It watches for the edges of this signal: it copies from whatever comes first, from the signal's own kind if it can. */
  readonly edgeOf: { readonly signal: string; readonly kind: PayloadKind } | undefined;
}

/**
 * The plans of all states, in the order of declaration. `groups` are the names by component in the order of evaluation: where a
 * state takes over the identity of another, that of the other is known by then.
 */
export function planStates(drafts: ReadonlyMap<string, StateDraft>, groups: readonly (readonly string[])[]): Map<string, StatePlan> {
  const planner = new Planner(drafts);
  const plans = new Map<string, StatePlan>();
  for (const name of drafts.keys()) plans.set(name, PLACEHOLDER);
  for (const [no, group] of groups.entries()) {
    const members = new Set(group);
    for (const name of group) {
      const draft = drafts.get(name);
      if (draft !== undefined) plans.set(name, planner.plan(draft, no, members));
    }
  }
  return plans;
}

class Planner {
  readonly #drafts: ReadonlyMap<string, StateDraft>;
  readonly #identities = new Map<string, readonly string[]>();
  readonly #targets = new Map<readonly BranchField[], readonly string[]>();

  constructor(drafts: ReadonlyMap<string, StateDraft>) {
    this.#drafts = drafts;
  }

  plan(draft: StateDraft, component: number, group: ReadonlySet<string>): StatePlan {
    const { name, kind, branch, persist, imported, hidden, auto } = draft;
    const recursive = group.size > 1;
    const identity = this.#identity(draft, group);
    this.#identities.set(name, identity);
    const mode = hasBranches(draft) && draft.after !== undefined && (branch.length > 0 || recursive) ? "map" : "copy";
    const columns = mode === "map" && branch.length > 0 ? branch.map(({ source }) => source) : identity;
    return {
      name,
      kind,
      identity,
      branched: branch.length > 0,
      persist,
      imported: imported !== undefined,
      hidden,
      auto,
      mode,
      columns,
      rules: alternativesOf(draft).map((alternative) =>
        rulePlan(alternative.literals, mode === "map" ? neverSource : this.#sourceOf(draft)),
      ),
      blocks: blockPlans(draft, identity),
      edgeOf: draft.edgeOf?.signal,
      component,
      recursive,
    };
  }

  #identity(draft: StateDraft, group: ReadonlySet<string>): readonly string[] {
    if (!hasBranches(draft)) return [];
    if (draft.imported !== undefined) return draft.imported;
    if (draft.branch.length > 0) return this.#targetsOf(draft.branch);
    const find = this.#sourceOf(draft);
    for (const { literals } of alternativesOf(draft)) {
      // Only from outside a circle: who inherits from whom must not depend on where one starts to look.
      const outside = literals.filter(({ negated, state }) => !negated && !group.has(state));
      const source = outside[find(outside)];
      if (source !== undefined && this.#kindOf(source) === "json") return this.#identities.get(source.state) ?? DEFAULT_IDENTITY;
    }
    return draft.edgeOf === undefined ? DEFAULT_IDENTITY : [];
  }

  /** The states of all services share one list of fields, and so one identity. */
  #targetsOf(branch: readonly BranchField[]): readonly string[] {
    const known = this.#targets.get(branch);
    if (known !== undefined) return known;
    const targets = branch.map(({ target }) => target);
    this.#targets.set(branch, targets);
    return targets;
  }

  #kindOf({ state }: Literal): PayloadKind | undefined {
    return this.#drafts.get(state)?.kind;
  }

  /** Which of the positive literals of an alternative is copied. */
  #sourceOf(draft: StateDraft): (positive: readonly Literal[]) => number {
    const find = (positive: readonly Literal[], kind: PayloadKind | undefined): number =>
      positive.findIndex((literal) => !literal.gate && (kind === undefined || this.#kindOf(literal) === kind));
    const { edgeOf, kind } = draft;
    if (edgeOf === undefined) return (positive) => find(positive, kind === "any" ? undefined : kind);
    const preferred = [edgeOf.kind === "any" ? "json" : edgeOf.kind, "json", undefined] as const;
    return (positive) => preferred.map((one) => find(positive, one)).find((index) => index >= 0) ?? -1;
  }
}

const DEFAULT_IDENTITY: readonly string[] = ["id"];
/** Keeps the place of a state in the order of declaration until its turn in the order of evaluation. */
const PLACEHOLDER: StatePlan = {
  name: "",
  kind: "none",
  identity: [],
  branched: false,
  persist: "memory",
  imported: false,
  hidden: true,
  auto: false,
  mode: "copy",
  columns: [],
  rules: [],
  blocks: [],
  edgeOf: undefined,
  component: -1,
  recursive: false,
};

/** What splits a conjunction by sign; also used for the alternatives of signals. */
export function rulePlan(literals: readonly Literal[], source: (positive: readonly Literal[]) => number): RulePlan {
  const positive = literals.filter(({ negated }) => !negated);
  return { positive, negative: literals.filter(({ negated }) => negated), source: source(positive) };
}

export function neverSource(): number {
  return -1;
}

function hasBranches({ kind, edgeOf }: StateDraft): boolean {
  return kind === "json" || edgeOf !== undefined;
}

/** `activate-on-none` without `after` is one support of the unnamed branch that rests on nothing. */
function alternativesOf({ after, activateOnNone }: StateDraft): readonly Conjunction[] {
  return after ?? (activateOnNone.length > 0 ? [{ signals: [], literals: [] }] : NONE);
}

const NONE: readonly never[] = [];

function blockPlans({ stopOn, activateOnNone }: StateDraft, identity: readonly string[]): readonly BlockPlan[] {
  if (stopOn.length === 0 && activateOnNone.length === 0) return NONE;
  return [
    ...stopOn.map(({ literals }) => ({ literals, fields: identity })),
    ...activateOnNone.map(({ state, branch }): BlockPlan => {
      const literal: Literal = { negated: false, state, match: [], gate: false };
      return { literals: [literal], fields: identity.map((field) => (field === branch?.target ? branch.source : undefined)) };
    }),
  ];
}
