import type { Json } from "../model/json.ts";
import type { Agenda } from "./agenda.ts";
import { AutoPayload } from "./auto-payload.ts";
import { addToBags, type Bag, itemsOfBag, removeFromBags } from "./bag.ts";
import { Block } from "./block.ts";
import { recordOfKey, type TextRecord } from "./branch-key.ts";
import { Marks } from "./causes.ts";
import { Listeners } from "./listeners.ts";
import { OpenIndex } from "./open-index.ts";
import { canonicalText, mergePayload } from "./payload.ts";
import type { Program, StatePlan } from "./plan.ts";
import type { Support, Supported } from "./projection.ts";
import { Rule } from "./rule.ts";

interface Candidate {
  readonly head: string;
  readonly record: TextRecord;
}

/**
 * One state: what was set by hand, what holds up its derived branches, what masks them, and what is to be seen of it.
 *
 * A branch is to be seen while it has a support, by hand or derived, and nothing masks it. This class knows what *should* be seen
 * (`wanted`); bringing `branches` up to it, in the right order, is the settling's business.
 */
export class StateNode implements Supported {
  readonly plan: StatePlan;
  /** What is to be seen, in the order in which it came. */
  readonly branches = new Map<string, Json>();
  readonly manual = new Map<string, Json>();
  readonly supports = new Map<string, Bag<Support>>();
  readonly auto: AutoPayload | undefined;
  readonly rules: readonly Rule[];
  readonly blocks: readonly Block[];
  /** Followers in other components, and in the own one. */
  readonly outside = new Listeners();
  readonly inside = new Listeners();
  /** Branches that may have lost something, or whose payload may have changed; outside of cycles all that may have changed. */
  readonly dirty = new Marks();
  /** In cycles only: branches that may have come. */
  readonly gained = new Marks();
  readonly #agenda: Agenda;
  /** What may be masked; only where something masks. */
  readonly #candidates: { readonly byHead: Map<string, Candidate>; readonly index: OpenIndex<Candidate> } | undefined;

  constructor(program: Program, plan: StatePlan, agenda: Agenda) {
    this.plan = plan;
    this.#agenda = agenda;
    this.auto = plan.auto ? new AutoPayload(this) : undefined;
    this.#candidates = plan.blocks.length > 0 ? { byHead: new Map(), index: new OpenIndex() } : undefined;
    this.rules = plan.rules.map((rule, order) => new Rule(program, plan, order, rule, this));
    this.blocks = plan.blocks.map((block) => new Block(program, block, (record) => this.#recheck(record)));
  }

  gain(support: Support): void {
    addToBags(this.supports, support.head, support);
    (this.plan.recursive ? this.gained : this.dirty).mark(support.head, this.#agenda.causes);
    this.#agenda.schedule(this.plan.component);
  }

  lose(support: Support): void {
    removeFromBags(this.supports, support.head, support);
    this.touch(support.head);
  }

  touch(head: string): void {
    this.dirty.mark(head, this.#agenda.causes);
    this.#agenda.schedule(this.plan.component);
  }

  /** Is called before the branches are looked at. */
  prepare(): void {
    if (this.auto?.refresh() === true) this.#agenda.due.push(this.plan.name);
  }

  /** What should be seen of a branch. `founded`: count only supports that rest on nothing of the own component. */
  wanted(head: string, founded: boolean): Json | undefined {
    const manual = this.auto?.isWaiting(head) === true ? undefined : this.manual.get(head);
    const derived = this.#derived(head, founded);
    if (manual === undefined && derived === undefined) {
      if (!founded && !this.isSupported(head)) this.#forget(head);
      return undefined;
    }
    if (this.blocks.length > 0) {
      this.follow(head);
      if (this.isMasked(head)) return undefined;
    }
    return manual === undefined ? derived : mergePayload(derived, manual);
  }

  isSupported(head: string): boolean {
    return this.manual.has(head) || this.isDerived(head);
  }

  isDerived(head: string): boolean {
    return this.supports.has(head) || this.auto?.answerAt(head) !== undefined;
  }

  isMasked(head: string): boolean {
    if (this.blocks.length === 0) return false;
    const record = recordOfKey(head, this.plan.identity.length);
    return this.blocks.some((block) => block.masks(record));
  }

  /** Has the branch looked at again when what may mask it changes. */
  follow(head: string): void {
    if (this.#candidates === undefined || this.#candidates.byHead.has(head)) return;
    const candidate: Candidate = { head, record: recordOfKey(head, this.plan.identity.length) };
    this.#candidates.byHead.set(head, candidate);
    this.#candidates.index.add(candidate);
  }

  #forget(head: string): void {
    const candidate = this.#candidates?.byHead.get(head);
    if (candidate === undefined) return;
    this.#candidates?.byHead.delete(head);
    this.#candidates?.index.delete(candidate);
  }

  #recheck(record: TextRecord): void {
    for (const { head } of this.#candidates?.index.agreeing(record) ?? []) this.touch(head);
  }

  /** The payload of the earliest alternative, among equals the smallest text. */
  #derived(head: string, founded: boolean): Json | undefined {
    if (this.supports.size === 0) return this.auto?.answerAt(head);
    let best: { readonly order: number; readonly payload: Json; text?: string } | undefined;
    for (const support of itemsOfBag(this.supports.get(head))) {
      if (founded && support.circular) continue;
      if (support.bare && this.auto !== undefined) continue;
      if (best !== undefined && support.order > best.order) continue;
      const payload = support.payload();
      if (best === undefined || support.order < best.order) best = { order: support.order, payload };
      else {
        best.text ??= canonicalText(best.payload);
        const text = canonicalText(payload);
        if (text < best.text) best = { order: support.order, payload, text };
      }
    }
    return best === undefined ? this.auto?.answerAt(head) : best.payload;
  }
}
