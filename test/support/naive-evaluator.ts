import { keyOfRecord } from "../../src/flow/branch-key.ts";
import { canonicalText, equalJson, matches, mergePayload, ownField, scalarText } from "../../src/flow/payload.ts";
import { compile, type StatePlan } from "../../src/flow/program.ts";
import type { Condition } from "../../src/model/condition.ts";
import { isJsonObject, type Json } from "../../src/model/json.ts";
import type { ActivateOnNone, StateDecl, UnitSet } from "../../src/model/unit-set.ts";

/*
 * SPEC 3 as nested loops: slow, stateless, without normal form, index or support. From the compiled program it takes the identity of
 * each state and the order of evaluation, nothing else.
 */

type StateCondition = Condition & { readonly kind: "state" };
export type Store = ReadonlyMap<string, ReadonlyMap<string, Json>>;
/** How often the interesting cases came up: proof that generated programs reach them. */
export interface Reached {
  joins: number;
  blockedRows: number;
  masks: number;
}

/** One way in which `after` holds so far: which branch was taken for each positive state. */
interface Draft {
  readonly texts: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<string, Json>;
  readonly source: Json | undefined;
  readonly way: readonly number[];
  readonly excluded: readonly StateCondition[];
  readonly length: number;
}

/** What is to be seen of all states when this was set by hand. */
export function evaluate(units: UnitSet, manual: Store, reached: Reached = { joins: 0, blockedRows: 0, masks: 0 }): Store {
  const { program } = compile(units);
  const declared = new Map(units.states.map((decl) => [decl.name, decl]));
  const store = new Map<string, ReadonlyMap<string, Json>>(units.states.map(({ name }) => [name, new Map()]));
  for (const component of program.components) {
    for (let changed = true; changed; ) {
      changed = false;
      for (const plan of component) {
        const decl = declared.get(plan.name);
        if (decl === undefined) continue;
        const next = new OneState(plan, decl, store, declared, reached).evaluate(manual.get(plan.name) ?? new Map());
        const now = store.get(plan.name) ?? new Map();
        if (next.size === now.size && [...next].every(([key, payload]) => equalJson(payload, now.get(key)))) continue;
        store.set(plan.name, next);
        changed = true;
      }
    }
  }
  return store;
}

class OneState {
  readonly #plan: StatePlan;
  readonly #decl: StateDecl;
  readonly #store: Store;
  readonly #declared: ReadonlyMap<string, StateDecl>;
  readonly #reached: Reached;

  constructor(plan: StatePlan, decl: StateDecl, store: Store, declared: ReadonlyMap<string, StateDecl>, reached: Reached) {
    this.#plan = plan;
    this.#decl = decl;
    this.#store = store;
    this.#declared = declared;
    this.#reached = reached;
  }

  evaluate(manual: ReadonlyMap<string, Json>): Map<string, Json> {
    const derived = this.#derived();
    const result = new Map<string, Json>();
    for (const key of new Set([...derived.keys(), ...manual.keys()])) {
      const hand = manual.get(key);
      const best = derived
        .get(key)
        ?.sort((a, b) => compareWays(a.way, b.way) || (canonicalText(a.payload) < canonicalText(b.payload) ? -1 : 1))[0]?.payload;
      const payload = hand === undefined ? best : mergePayload(best, hand);
      if (payload === undefined) continue;
      if (this.#isMasked(payload)) this.#reached.masks++;
      else result.set(key, payload);
    }
    return result;
  }

  #derived(): Map<string, { way: readonly number[]; payload: Json }[]> {
    const { after, activateOnNone } = this.#decl;
    const start: Draft = { texts: new Map(), values: new Map(), source: undefined, way: [], excluded: [], length: 0 };
    const drafts = after.length > 0 || activateOnNone.length > 0 ? this.#all(after, false, [start]) : [];
    const derived = new Map<string, { way: readonly number[]; payload: Json }[]>();
    for (const draft of drafts) {
      if (draft.excluded.some((one) => this.#branches(one).some((payload) => agrees(draft.texts, payload, this.#plan.columns)))) {
        this.#reached.blockedRows++;
        continue;
      }
      const branch = this.#branchOf(draft);
      if (branch === undefined) continue;
      if (draft.length > 1) this.#reached.joins++;
      derived.set(branch.key, [...(derived.get(branch.key) ?? []), { way: draft.way, payload: branch.payload }]);
    }
    return derived;
  }

  #branchOf({ texts, values, source }: Draft): { key: string; payload: Json } | undefined {
    const { mode, columns, identity, kind, recursive } = this.#plan;
    if (mode === "map") {
      if (columns.some((column) => !texts.has(column))) return undefined;
      const payload = identity.map((field, i): [string, Json] => [field, (recursive ? texts : values).get(columns[i] ?? "") ?? null]);
      return { key: keyOfRecord(columns.map((column) => texts.get(column))) ?? "", payload: Object.fromEntries(payload) };
    }
    const key = keyOfRecord(identity.map((field) => scalarText(ownField(source, field))));
    if (kind === "none") return { key: "", payload: null };
    return key === undefined ? undefined : { key, payload: source ?? { json: {}, string: "", bytes: "", any: null }[kind] };
  }

  #all(conditions: readonly Condition[], negated: boolean, drafts: readonly Draft[]): readonly Draft[] {
    return conditions.reduce((found, condition) => found.flatMap((draft) => this.#extend(draft, condition, negated)), drafts);
  }

  #extend(draft: Draft, condition: Condition, negated: boolean): readonly Draft[] {
    if (condition.kind === "not") return this.#extend(draft, condition.of, !negated);
    if (condition.kind === "signal" || condition.kind === "service") throw new Error("only states are evaluated");
    if (condition.kind === "state") {
      return negated
        ? [{ ...draft, excluded: [...draft.excluded, condition] }]
        : this.#branches(condition).flatMap((payload) => this.#take(draft, condition, payload));
    }
    if ((condition.kind === "all") !== negated) return this.#all(condition.of, negated, [draft]);
    return condition.of.flatMap((part, i) => this.#extend({ ...draft, way: [...draft.way, i] }, part, negated));
  }

  #take(draft: Draft, { name }: StateCondition, payload: Json): readonly Draft[] {
    const { columns, kind } = this.#plan;
    if (!agrees(draft.texts, payload, columns)) return [];
    const texts = new Map(draft.texts);
    const values = new Map(draft.values);
    for (const column of columns) {
      const value = ownField(payload, column);
      const text = scalarText(value);
      if (text === undefined || value === undefined || texts.has(column)) continue;
      texts.set(column, text);
      values.set(column, value);
    }
    const isSource = draft.source === undefined && (kind === "any" || this.#declared.get(name)?.payload === kind);
    return [{ ...draft, texts, values, source: isSource ? payload : draft.source, length: draft.length + 1 }];
  }

  #isMasked(payload: Json): boolean {
    const { identity } = this.#plan;
    const texts = new Map(identity.flatMap((field) => pair(field, scalarText(ownField(payload, field)))));
    const holds = (condition: Condition): boolean => {
      if (condition.kind === "not") return !holds(condition.of);
      if (condition.kind === "any") return condition.of.some(holds);
      if (condition.kind === "all") return condition.of.every(holds);
      return condition.kind === "state" && this.#branches(condition).some((branch) => agrees(texts, branch, identity));
    };
    return this.#decl.stopOn.some(holds) || this.#decl.activateOnNone.some((entry) => this.#isBlockedBy(entry, texts));
  }

  #isBlockedBy({ state, branch }: ActivateOnNone, texts: ReadonlyMap<string, string>): boolean {
    const others = [...(this.#store.get(state)?.values() ?? [])];
    if (branch === undefined) return others.length > 0;
    const own = texts.get(branch.target);
    return others.some((other) => {
      const text = scalarText(ownField(other, branch.source));
      return own === undefined || text === undefined || own === text;
    });
  }

  #branches({ name, match }: StateCondition): Json[] {
    const kind = this.#declared.get(name)?.payload ?? "json";
    return [...(this.#store.get(name)?.values() ?? [])].filter((payload) => matches(match, payload, kind));
  }
}

function agrees(texts: ReadonlyMap<string, string>, payload: Json, columns: readonly string[]): boolean {
  return (
    !isJsonObject(payload) ||
    columns.every((column) => {
      const theirs = scalarText(ownField(payload, column));
      return theirs === undefined || !texts.has(column) || theirs === texts.get(column);
    })
  );
}

function pair(field: string, text: string | undefined): [string, string][] {
  return text === undefined ? [] : [[field, text]];
}

function compareWays(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? -1) - (b[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
