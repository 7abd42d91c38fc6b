import type { Json } from "../model/json.ts";
import { type Bag, itemsOfBag } from "./bag.ts";
import { UNNAMED } from "./branch-key.ts";
import { type Marks, NO_CAUSE } from "./causes.ts";
import { emptyPayload, equalJson } from "./payload.ts";
import type { StatePlan } from "./plan.ts";
import type { Support } from "./projection.ts";

export interface Answer {
  readonly key: string;
  readonly payload: Json;
}

/** What it needs of the state that it belongs to. */
interface Owner {
  readonly plan: StatePlan;
  readonly manual: ReadonlyMap<string, Json>;
  readonly supports: ReadonlyMap<string, Bag<Support>>;
  readonly blocks: readonly { masksAny(): boolean }[];
  readonly dirty: Marks;
  touch(head: string): void;
  follow(head: string): void;
}

/**
 * Where the payload of a state that becomes active without one stands (SPEC 3, `auto-payload`).
 *
 *   idle -> due -> answered -> idle
 *
 * An activation lasts while the unnamed branch is held up by something that carries nothing (set by hand without payload, or derived with
 * nothing to copy) and is not masked for certain. It is due once; until it is answered such supports are not to be seen. The answer
 * may name a branch: it then counts as a support of that one.
 */
export class AutoPayload {
  /** The support by hand of the unnamed branch was given without payload, and waits. */
  #isManualBare = false;
  #isDue = false;
  #answer: Answer | undefined;
  #recalled: Answer | undefined;
  readonly #node: Owner;

  constructor(node: Owner) {
    this.#node = node;
  }

  get isDue(): boolean {
    return this.#isDue;
  }

  get answer(): Answer | undefined {
    return this.#answer;
  }

  answerAt(head: string): Json | undefined {
    return this.#answer?.key === head ? this.#answer.payload : undefined;
  }

  /** Whether what is set by hand here has no payload yet. */
  isWaiting(head: string): boolean {
    return this.#isManualBare && head === UNNAMED;
  }

  /** The support by hand of the unnamed branch was set, with a payload or without. */
  setByHand(isBare: boolean): void {
    this.#isManualBare = isBare;
  }

  /** What is stored cannot say whether it was given: an empty payload counts as none. */
  restore(): void {
    const manual = this.#node.manual.get(UNNAMED);
    this.#isManualBare = manual !== undefined && equalJson(manual, emptyPayload(this.#node.plan.kind));
  }

  /** The answer of an activation that goes on from a flow before this one: it is not asked for again. */
  recall(answer: Answer): void {
    this.#recalled = answer;
  }

  /** The flow has started: what was to be recalled and did not come is of an activation that has ended. */
  forgetRecalled(): void {
    this.#recalled = undefined;
  }

  /** Begins or ends an activation; whether a payload must be asked for now. */
  refresh(): boolean {
    const node = this.#node;
    if (!node.manual.has(UNNAMED)) this.#isManualBare = false;
    const isBare = this.#isManualBare || this.#isDerivedBare();
    if (isBare) node.follow(UNNAMED);
    const isActive = isBare && !node.blocks.some((block) => block.masksAny());
    if (!isActive) {
      this.#end();
      return false;
    }
    if (this.#isDue || this.#answer !== undefined) return false;
    if (this.#recalled !== undefined) {
      this.#show(this.#recalled);
      return false;
    }
    this.#isDue = true;
    return true;
  }

  /** Takes the answer of an activation that is due. What was set by hand without payload now has one; whether there was such a thing. */
  take(answer: Answer): boolean {
    this.#isDue = false;
    const wasManual = this.#isManualBare;
    this.#isManualBare = false;
    if (this.#isDerivedBare()) this.#show(answer);
    return wasManual;
  }

  #show(answer: Answer): void {
    this.#answer = answer;
    this.#recalled = undefined;
    this.#node.touch(answer.key);
  }

  #end(): void {
    this.#isDue = false;
    this.#recalled = undefined;
    const ended = this.#answer;
    if (ended === undefined) return;
    this.#answer = undefined;
    this.#node.dirty.mark(ended.key, this.#node.dirty.causesOf(UNNAMED) ?? NO_CAUSE);
  }

  #isDerivedBare(): boolean {
    for (const support of itemsOfBag(this.#node.supports.get(UNNAMED))) if (support.bare) return true;
    return false;
  }
}
